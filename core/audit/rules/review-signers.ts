import { parseReviewKey } from '../../ledger/layout';
import type { AuditedTrail, AuditRule } from '../audit-rule';
import { isWrite, objectCalls } from '../object-calls';
import { actorName } from '../trail-event';

type Problem = 'SignedByOther' | 'SigningRefused';

/**
 * Each review was written by the session that its key names. The bucket's policy compares the key with `aws:userid`, which
 * CloudTrail shows as `principalId`: the same text for a session of a role.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export const reviewSigners: AuditRule<AuditedTrail, Problem> = {
  name: 'review-signers',
  reads: "CloudTrail's data events of the ledger's bucket, and the signer in each review's key",
  finds: {
    SignedByOther: 'a review was written by somebody other than the signer in its key',
    SigningRefused: "somebody tried to write a review under another's name, and S3 refused",
  },
  run(audited, report) {
    for (const { key, event } of objectCalls(audited)) {
      const { signer } = parseReviewKey(key) ?? {};
      const { identity, time, id, name, errorCode } = event;
      if (signer === undefined || name !== 'PutObject' || identity.principalId === signer) continue;
      const who = `${actorName(identity)} (${identity.principalId ?? 'without a principal id'})`;
      const events = [id];
      if (isWrite(event))
        report('SignedByOther', key, `is signed as ${signer}, and was written at ${time} by ${who}`, { events });
      else
        report('SigningRefused', key, `was to be signed as ${signer} at ${time} by ${who}; S3 refused (${errorCode})`, {
          level: 'note',
          events,
        });
    }
  },
};
