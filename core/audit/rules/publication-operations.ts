import { fieldsOf } from '../../ledger/body-fields';
import type { AuditedOperations, AuditRule } from '../audit-rule';
import { DAY_MS } from '../clocks';
import { isCovered } from '../coverage';
import { readVersion } from '../ledger-survey';
import { stackName } from '../stack-operations';
import { text } from '../trail-event';

/** The publisher claims a version while its stack is deployed; called by hand, it would publish what the draft holds then. */
export const publicationOperations: AuditRule<AuditedOperations, 'PublicationWithoutOperation'> = {
  name: 'publication-operations',
  reads: "the archive, the claims, and CloudTrail's stack operations",
  finds: { PublicationWithoutOperation: 'a version was published while its stack had no operation' },
  run(audited, report) {
    const { survey, operations } = audited;
    for (const { promptId, version, digest, object } of survey.archives) {
      const claim = survey.claims.get(promptId)?.findLast((one) => one.digest === digest && one.after < version);
      const time = claim && readVersion(claim.object)?.time;
      const stackId = text(fieldsOf(claim?.object.body).stackId);
      if (!time || !stackId || !isCovered(audited, time, DAY_MS) || operations.before(stackId, time)) continue;
      report(
        'PublicationWithoutOperation',
        object.key,
        `was published at ${time} for the stack ${stackName(stackId)}; CloudTrail has no operation of that stack in the day before: it was not published by a deployment`,
      );
    }
  },
};
