import type { AuditedRegistry, AuditRule } from '../audit-rule';
import { bucketProblems } from '../bucket-settings';

/** The ledger's bucket is set as its stack declares, its policy included. */
export const bucketSettings: AuditRule<AuditedRegistry, 'BucketSettings'> = {
  name: 'bucket-settings',
  reads: "settings and policy of the ledger's bucket, and the stack's template",
  finds: {
    BucketSettings: "the ledger's bucket has a setting, or its policy a statement, that is not as the stack declares",
  },
  run({ evidence: { bucket, settings, declared } }, report) {
    if (settings === undefined || declared === undefined) return;
    for (const problem of bucketProblems(settings, declared)) report('BucketSettings', `s3://${bucket}`, problem);
  },
};
