import { Random } from './random';
import type { RollingOperation } from './rollouts/rolling-operations';
import type { HeldCall, Trouble, Until } from './trouble';
import type { OperationName } from './world';

/** One run to make. */
export interface Cell {
  readonly operation: OperationName | RollingOperation;
  readonly trouble: Trouble;
}

const REGISTRY = [
  ...['Ledger', 'LedgerPolicy', 'VersionHandlerLogs', 'PlanHandlerLogs', 'AliasHandlerLogs', 'PublisherRole'],
  ...['ReleaserRole', 'VersionHandler', 'VersionHandlerInvocation', 'PlanHandler', 'PlanHandlerInvocation'],
  ...['AliasHandler', 'AliasHandlerInvocation', 'PublisherPrompts', 'ReleaserPrompts', 'PromptReleaseBarrier'],
  'ReleaseReason',
];
const aliasResources = (alias: string) =>
  ['ReleasePlan', 'CallerPolicy', 'Alias', 'Parameter'].map((role) => `Advisor${alias}${role}`);
const PROMPT = ['AdvisorPrompt', 'AdvisorVersion'];
const BESIDE = ['Sibling', 'LastSibling'];

/** The resources that an operation touches. */
const TOUCHED: Record<OperationName, readonly string[]> = {
  'first create': [...REGISTRY, ...PROMPT, ...aliasResources('Staging'), ...aliasResources('Prod'), ...BESIDE],
  delete: [...REGISTRY, ...PROMPT, ...aliasResources('Staging'), ...aliasResources('Prod'), ...BESIDE],
  'content change': [...PROMPT, ...aliasResources('Staging'), ...BESIDE],
  'revert of content': [...PROMPT, ...aliasResources('Staging'), ...BESIDE],
  release: ['ReleaseReason', 'AdvisorVersion', ...aliasResources('Prod'), ...BESIDE],
  'rollback release': ['ReleaseReason', 'AdvisorVersion', ...aliasResources('Prod'), ...BESIDE],
  withdraw: [...aliasResources('Staging').slice(0, 3), ...aliasResources('Prod').slice(0, 3), ...BESIDE],
  'content and release': [
    'ReleaseReason',
    ...PROMPT,
    ...aliasResources('Staging'),
    ...aliasResources('Prod'),
    ...BESIDE,
  ],
  'everything at once': [
    ...['Ledger', 'VersionHandlerLogs', 'PlanHandlerLogs', 'AliasHandlerLogs', 'PublisherRole', 'ReleaserRole'],
    ...['VersionHandler', 'PlanHandler', 'AliasHandler', 'ReleaseReason'],
    ...PROMPT,
    ...aliasResources('Staging'),
    ...aliasResources('Prod'),
    ...BESIDE,
  ],
  'another alias': [...aliasResources('Canary'), ...BESIDE],
  'parameters reset': ['AdvisorProdReleasePlan', ...BESIDE],
};

/** Retained whatever happens, or nothing to CloudFormation: its deletion cannot fail. */
const NEVER_DELETED = [
  ...['Ledger', 'LedgerPolicy', 'VersionHandlerLogs', 'PlanHandlerLogs', 'AliasHandlerLogs', 'ReleaseReason'],
];

/** The calls of handlers that change something, or decide what will be changed. */
function hangingCalls(operation: OperationName): HeldCall[] {
  const movesStaging = TOUCHED[operation].includes('AdvisorStagingAlias');
  const movesProd = TOUCHED[operation].includes('AdvisorProdAlias');
  const aliases = [...(movesStaging ? ['STAGING'] : []), ...(movesProd ? ['PROD'] : [])];
  const ofAliases = [
    ...aliases.map((alias) => ({ operation: 'PutObject', about: `/${alias}/` })),
    ...(aliases.length > 0 ? [{ operation: 'DescribeStackEvents', about: '' }] : []),
    ...(TOUCHED[operation].includes('ReleaseReason') ? [{ operation: 'PutObject', about: 'reasons/' }] : []),
  ];
  return TOUCHED[operation].includes('AdvisorPrompt')
    ? [...ofAliases, { operation: 'CreatePromptVersion', about: '' }, { operation: 'PutObject', about: 'versions/' }]
    : ofAliases;
}

const UNTIL: Until[] = ['the rollback writes', 'the rollback is over', 'the next operation'];

/** A failure of each kind at each place of an operation. */
function cellsOf(operation: OperationName): Cell[] {
  const isUpdate = operation !== 'first create' && operation !== 'delete';
  const touched = TOUCHED[operation];
  const troubles: Trouble[] = [{ kind: 'none' }];
  const deletable = touched.filter((id) => !NEVER_DELETED.includes(id));
  for (const logicalId of operation === 'delete' ? deletable.filter((id) => id !== 'AdvisorPrompt') : touched) {
    troubles.push({ kind: 'fails', logicalId });
  }
  if (operation === 'delete') return troubles.map((trouble) => ({ operation, trouble }));

  const undone = touched.filter((id) => id !== 'LastSibling' && (isUpdate || deletable.includes(id)));
  // What was made and cannot be deleted again in the cleanup is left behind and forgotten: CloudFormation's, not ours.
  const isCleanedUp = operation === 'another alias' || operation === 'parameters reset';
  for (const logicalId of isCleanedUp ? undone.filter((id) => id === 'Sibling') : undone) {
    troubles.push({ kind: 'rollback-fails', logicalId });
  }
  // A first creation makes some 150 calls, an update some 60.
  for (const nth of isUpdate ? [1, 3, 6, 10, 15, 20, 26, 33, 41, 50] : [2, 10, 25, 45, 70, 100]) {
    troubles.push({ kind: 'refused', nth });
  }
  for (const call of hangingCalls(operation)) {
    for (const until of isUpdate ? UNTIL : UNTIL.slice(0, 2)) troubles.push({ kind: 'late', call, until });
  }
  if (isUpdate) {
    for (const logicalId of touched) troubles.push({ kind: 'cancelled', logicalId });
  }
  return troubles.map((trouble) => ({ operation, trouble }));
}

/** Reviews that cannot be read in every operation that moves PROD. A refusal is asked again for 45 s, as IAM may spread. */
function cellsOfReviews(): Cell[] {
  const moving = (Object.keys(TOUCHED) as OperationName[]).filter(
    (operation) =>
      operation !== 'first create' && operation !== 'delete' && TOUCHED[operation].includes('AdvisorProdAlias'),
  );
  const cells = moving.flatMap((operation) =>
    (['broken', 'broken', 'broken', 'slow', 'slow'] as const).map((how): Cell => {
      return { operation, trouble: { kind: 'reviews', how } };
    }),
  );
  const denied = { kind: 'reviews', how: 'denied' } as const;
  return [...cells, { operation: 'release', trouble: denied }, { operation: 'rollback release', trouble: denied }];
}

export const OPERATIONS = Object.keys(TOUCHED) as OperationName[];

/**
 * So many runs, in an order drawn from the seed: each cell once, then again under other seeds. Creations and deletions take
 * several times as long and come once.
 */
export function plannedRuns(count: number, seed: number, isGated = false, kind?: string): Cell[] {
  const random = new Random(seed);
  const all = [...OPERATIONS.flatMap(cellsOf), ...(isGated ? cellsOfReviews() : [])].filter(
    ({ trouble }) => kind === undefined || trouble.kind === kind,
  );
  const updates = all.filter(({ operation }) => operation !== 'first create' && operation !== 'delete');
  const runs = random.shuffled(all);
  while (updates.length > 0 && runs.length < count) runs.push(...random.shuffled(updates));
  return runs.slice(0, count);
}

/** Runs for mutants: updates of all kinds, with many calls that hang. */
export function runsForMutants(count: number, seed: number): Cell[] {
  const random = new Random(seed);
  const updates = OPERATIONS.filter((operation) => operation !== 'first create' && operation !== 'delete');
  // Only a mutant's handlers write pointers; for all others these are runs in which nothing hangs.
  const pointerWrites = updates.flatMap((operation) =>
    ['STAGING', 'PROD']
      .filter((alias) => hangingCalls(operation).some(({ about }) => about === `/${alias}/`))
      .flatMap((alias): Cell[] => {
        const call = { operation: 'PutParameter', about: `/${alias}` };
        return UNTIL.map((until) => ({ operation, trouble: { kind: 'late', call, until } }));
      }),
  );
  const cells = random.shuffled(updates.flatMap(cellsOf));
  const share = (part: number, own: readonly Cell[]) => random.shuffled(own).slice(0, Math.ceil(count * part));
  const late = cells.filter(({ trouble }) => trouble.kind === 'late');
  const untilNext = late.filter(({ trouble }) => trouble.kind === 'late' && trouble.until === 'the next operation');
  const reset = cells.filter(({ operation }) => operation === 'parameters reset');
  const others = cells.filter((cell) => !late.includes(cell) && !reset.includes(cell));
  return random.shuffled([
    ...share(0.35, untilNext),
    ...share(0.15, late),
    ...share(0.1, reset),
    ...share(0.2, pointerWrites),
    ...share(0.2, others),
  ]);
}
