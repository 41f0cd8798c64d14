/** What the command's exit codes mean; `prompt-registry help` lists them. */
export const ExitCode = {
  Done: 0,
  /** Refused or failed; nothing was moved. */
  Failed: 1,
  /** `status` found that things do not agree; `diff --exit-code` found a difference; `audit verify` found something; `check` found a gate that would refuse; `models` found a model that ends or may not be called; `evaluate` found the candidate worse; `rollout readout` found that the split is not as planned. */
  Differs: 2,
  /** The stack is busy, or an update of it failed half-way: CloudFormation takes no release now. */
  StackBlocked: 3,
  /** CloudFormation rolled the release back: the alias is where it was. */
  RolledBack: 4,
  /** The plan is not that of the stack any more: somebody else changed it. */
  StalePlan: 5,
  /** No credentials, expired ones, or a permission is missing. */
  NotAllowed: 6,
  /** Contact was lost while CloudFormation worked: the release may go on. */
  ContactLost: 7,
  /** `evaluate` has too few cases to say whether the candidate is worse. */
  Inconclusive: 8,
  /** The command line is wrong. */
  Usage: 64,
  /** Ctrl-C. */
  Interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** For help: each code with its meaning. */
export const EXIT_CODE_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [ExitCode.Done, 'done'],
  [ExitCode.Failed, 'refused or failed; nothing was moved; audit verify: could not look at everything'],
  [
    ExitCode.Differs,
    'status: things do not agree; diff --exit-code: there is a difference; audit verify: findings; check: a gate would refuse; evaluate: worse; rollout readout: void; models: one ends or may not be called; import, export: something is lost',
  ],
  [ExitCode.StackBlocked, 'the stack is busy, or stuck in a failed rollback'],
  [ExitCode.RolledBack, 'CloudFormation rolled the release back; the alias is where it was'],
  [ExitCode.StalePlan, 'the plan is stale: the stack changed since'],
  [ExitCode.NotAllowed, 'no or expired credentials, or a missing permission'],
  [ExitCode.ContactLost, 'contact lost while CloudFormation worked; the release may go on'],
  [ExitCode.Inconclusive, 'evaluate: too few cases to say whether it is worse'],
  [ExitCode.Usage, 'wrong command line'],
  [ExitCode.Interrupted, 'interrupted; the last lines say what state that left'],
];
