import type { AuditedRegistry, AuditRule } from '../audit-rule';
import { policyVersionProblems } from '../policy-shape';

/** What callers are allowed, against what this package writes for what the ledger says. */
export const policies: AuditRule<AuditedRegistry, 'PolicyGone' | 'PolicyChanged'> = {
  name: 'policies',
  reads: "every version of the stack's managed policies, and the callable versions that the ledger says",
  finds: {
    PolicyGone: 'a policy of the stack does not exist any more',
    PolicyChanged: 'a policy says something that the registry does not write, or lacks something that it does',
  },
  run({ evidence }, report) {
    for (const { arn, kind, versions, aliases, keyContexts } of evidence.policies ?? []) {
      if (versions === null) {
        report('PolicyGone', arn, `does not exist, though the stack has it as its ${kind} policy: somebody deleted it`);
        continue;
      }
      for (const problem of policyVersionProblems(kind, versions, aliases, keyContexts))
        report('PolicyChanged', arn, `is not as the registry leaves it: ${problem}`);
    }
  },
};
