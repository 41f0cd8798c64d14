import type { Cell } from '../plan';
import { Random } from '../random';
import { CALL_FAULTS, type Caller, type Trouble, type Until } from '../trouble';
import { ROLLING_OPERATIONS, type RollingOperation } from './rolling-operations';

// What is published depends on what aliases name, so a move comes by there.
const PROD = ['Version', 'ProdReleasePlan', 'ProdCallerPolicy', 'ProdAlias', 'ProdParameter', 'ProdRollout'].map(
  (role) => `Advisor${role}`,
);
const BESIDE = ['Sibling', 'LastSibling'];
const REMOVED = [...PROD, 'AdvisorProdRolloutProgress'];

/** The resources that an operation touches. */
const TOUCHED: Record<RollingOperation, readonly string[]> = {
  start: [...PROD, ...BESIDE],
  replace: [...PROD, ...BESIDE],
  // Settling and ending leave the policy as it is.
  settle: [...PROD, ...BESIDE],
  end: [...PROD, ...BESIDE],
  'go back meanwhile': [...PROD, ...BESIDE],
  'release at once': [...PROD, ...BESIDE],
  'withdraw candidate': [...PROD, ...BESIDE],
  'withdraw stable': [...PROD, ...BESIDE],
  'start nowhere': ['AdvisorProdReleasePlan', 'Sibling'],
  'deploy again': BESIDE,
  'remove the option': [...REMOVED, ...BESIDE],
  'remove the alias': [...REMOVED, ...BESIDE],
  destroy: [...REMOVED, 'Controller', 'ControllerRole', 'ReleaserPrompts'],
};

/** Calls that each handler makes in an operation, at most: a few more than were counted. */
const CALLS: Record<Caller, number> = { plan: 14, record: 16, controller: 14 };

const UNTIL: Until[] = ['the rollback writes', 'the rollback is over', 'the next operation'];

/** A failure of each kind at each place of an operation. */
function cellsOf(operation: RollingOperation, random: Random): Cell[] {
  const touched = TOUCHED[operation];
  const isDestroyed = operation === 'destroy';
  const troubles: Trouble[] = [{ kind: 'none' }];
  for (const logicalId of touched) {
    troubles.push({ kind: 'fails', logicalId });
    if (isDestroyed) continue;
    if (logicalId !== 'LastSibling') troubles.push({ kind: 'rollback-fails', logicalId });
    troubles.push({ kind: 'cancelled', logicalId });
  }
  for (const nth of isDestroyed ? [] : [2, 5, 9, 14, 20, 27]) troubles.push({ kind: 'refused', nth });
  const isMoving = touched.includes('AdvisorProdAlias') && !isDestroyed;
  if (isMoving) {
    for (const about of ['/PROD/', 'rollouts/']) {
      for (const until of UNTIL) {
        const call = { operation: about === '/PROD/' ? 'PutObject' : 'ListObjectsV2', about };
        troubles.push({ kind: 'late', call, until });
      }
    }
  }
  // Nothing is planned where a stack goes.
  const callers: Caller[] = isDestroyed
    ? ['record']
    : isMoving
      ? ['plan', 'record', 'controller']
      : ['plan', 'controller'];
  for (const by of callers) {
    // Every call once, each in one of the ways; another seed has others.
    for (let nth = 1; nth <= CALLS[by]; nth += 1)
      troubles.push({ kind: 'call', by, nth, how: random.pick([...CALL_FAULTS]) });
  }
  return troubles.map((trouble) => ({ operation, trouble }));
}

/** So many runs, in an order drawn from the seed: each cell once, then again with other faults. A stack is destroyed once a cell. */
export function plannedRollouts(count: number, seed: number, kind?: string): Cell[] {
  const random = new Random(seed);
  const cells = (operations: readonly RollingOperation[]) =>
    random
      .shuffled(operations.flatMap((operation) => cellsOf(operation, random)))
      .filter(({ trouble }) => kind === undefined || trouble.kind === kind);
  const runs = cells(ROLLING_OPERATIONS);
  // There may be none of a kind.
  while (runs.length > 0 && runs.length < count)
    runs.push(...cells(ROLLING_OPERATIONS.filter((operation) => operation !== 'destroy')));
  return runs.slice(0, count);
}

/** Some of the moves in which a rollout goes on or ends: what takes things away takes as long as all of these. */
export function sampledRollouts(count: number, seed: number, kind?: string): Cell[] {
  const isMove = ({ operation }: Cell) => operation !== 'destroy' && !operation.startsWith('remove');
  return plannedRollouts(count + 500, seed, kind)
    .filter(isMove)
    .slice(0, count);
}

/** Runs for mutants: what the rollout itself does, with a controller that comes by, and failures at the end. */
export function rolloutsForMutants(count: number, seed: number): Cell[] {
  const random = new Random(seed);
  const moving = ROLLING_OPERATIONS.filter((operation) => TOUCHED[operation].includes('AdvisorProdAlias'));
  const cells = moving
    .filter((operation) => operation !== 'destroy')
    .flatMap((operation): Cell[] => [
      { operation, trouble: { kind: 'none' } },
      { operation, trouble: { kind: 'fails', logicalId: 'LastSibling' } },
    ]);
  return random.shuffled(cells).slice(0, count);
}
