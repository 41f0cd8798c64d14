import type { AuditedRegistry, AuditRule } from '../audit-rule';

/** Nobody else's policy stands under a name of the registry. */
export const policyNames: AuditRule<AuditedRegistry, 'NameTaken' | 'UnknownPolicy'> = {
  name: 'policy-names',
  reads: "names of the account's managed policies",
  finds: {
    NameTaken: "a policy has the name of an alias's policy and is not the stack's",
    UnknownPolicy: "a policy stands below the registry's prefix and is of no alias of the stack",
  },
  run({ evidence: { takenNames = [], unknownNames = [] } }, report) {
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
  },
};
