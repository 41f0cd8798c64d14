import type { AuditEvidence } from './evidence';
import type { Report } from './finding';
import { policyVersionProblems } from './policy-shape';

/** What callers are allowed, against what this package writes for what the ledger says. */
export function policyFindings(
  { policies = [], takenNames = [], unknownNames = [] }: AuditEvidence,
  report: Report,
): void {
  for (const { arn, kind, versions, aliases } of policies) {
    if (versions === null) {
      report('PolicyGone', arn, `does not exist, though the stack has it as its ${kind} policy: somebody deleted it`);
      continue;
    }
    for (const problem of policyVersionProblems(kind, versions, aliases))
      report('PolicyChanged', arn, `is not as the registry leaves it: ${problem}`);
  }
  for (const arn of takenNames) {
    report(
      'NameTaken',
      arn,
      "has the name of an alias's policy and is not the stack's: roles that attach it by name get what it says",
    );
  }
  for (const arn of unknownNames) {
    report(
      'UnknownPolicy',
      arn,
      'is of no alias of this stack: unless another stack of the registry made it, somebody took the name',
      { level: 'note' },
    );
  }
}
