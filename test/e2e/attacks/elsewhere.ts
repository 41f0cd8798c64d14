/** Leaves that have tests of their own, which take a whole stack, a change set or CloudFormation's ways: file, and its title. */
export const ELSEWHERE: readonly (readonly [attack: string, file: string, title: string])[] = [
  [
    'shows one text and has another approved',
    'test/cli/approval-races.test.ts',
    'an approval is of the words that were shown',
  ],
  [
    'has a part of a digest approved, a number, an alias',
    'test/cli/approvals.test.ts',
    'take the whole digest that review printed',
  ],
  [
    'adds a statement to a policy in a change set',
    'test/cli/another-plan.test.ts',
    'with `Allow *` in the caller policy is refused',
  ],
  ['sends events of stacks that are not at work', 'test/e2e/made-up-events.test.ts', 'releases nothing'],
  [
    'lets a team’s gate be judged by older functions',
    'test/e2e/gates-upgrade.test.ts',
    'fails the release of an alias with a gate of its own',
  ],
  ['deploys older functions over records with consent', 'test/lambda/downgrade.test.ts', 'BadLedgerRecord'],
  ['lets an alias of a team’s stack follow the text', 'test/e2e/gates.test.ts', 'is refused in a team’s stack'],
  [
    'takes a gate of the registry away in a team’s stack',
    'test/e2e/team-approvals.test.ts',
    'the gates of an alias add to those of the registry',
  ],
  ['has a name that nobody pins', 'test/lib/gates.test.ts', 'sessionNameNotPinned'],
  ['asks behind a pipeline', 'test/lib/gates.test.ts', 'askedByMachine'],
  [
    'blocks the way back by what stands under reviews/',
    'test/lambda/gates.test.ts',
    'is not blocked where reviews cannot be read',
  ],
];
