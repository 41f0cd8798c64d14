import type { Random } from '../random';
import { began, moved, type RollingState, stableOf, withdrew } from './rolling-state';
import type { RollingApp } from './rolling-template';

export const ROLLING_OPERATIONS = [
  'start',
  'replace',
  'settle',
  'end',
  'go back meanwhile',
  'release at once',
  'withdraw candidate',
  'withdraw stable',
  'start nowhere',
  'deploy again',
  'remove the option',
  'remove the alias',
  'destroy',
] as const;
export type RollingOperation = (typeof ROLLING_OPERATIONS)[number];

/** All versions that there are. */
export const VERSIONS = [1, 2, 3, 4, 5, 6];

/** What a deployment asks for, and where it should lead. */
export interface RollingDeployment {
  readonly prod: RollingApp['prod'];
  readonly declared: string;
  readonly withdrawn: readonly number[];
  /** Whether it must be refused. */
  readonly isRefused?: boolean;
  readonly after: RollingState;
}

/** Whether a rollout has to run before the operation makes sense. */
export function needsRollout(operation: RollingOperation): boolean {
  return operation !== 'start' && operation !== 'start nowhere';
}

/** The deployment of an operation, whatever else the state is. */
export function rollingDeployment(operation: RollingOperation, state: RollingState, random: Random): RollingDeployment {
  const stable = stableOf(state) ?? 0;
  const { rollout, withdrawn } = state;
  const usable = VERSIONS.filter((version) => !withdrawn.includes(version));
  const above = usable.filter((version) => version > stable);
  const others = usable.filter((version) => version !== stable && version !== rollout?.candidate);
  const at = (declared: string, after: RollingState, more: Partial<RollingDeployment> = {}): RollingDeployment => {
    const { prod = 'rolls out', withdrawn: out = withdrawn } = more;
    return { prod, declared, withdrawn: out, ...more, after: { ...after, declared, prod } };
  };
  switch (operation) {
    case 'start':
    case 'replace': {
      const candidate = random.pick(above.filter((version) => version !== rollout?.candidate));
      return at(`${stable}..${candidate}`, began(state, candidate));
    }
    case 'settle': {
      const candidate = rollout?.candidate ?? random.pick(above);
      return at(`${candidate}`, moved(state, candidate));
    }
    case 'end':
      return at(`${stable}`, moved(state, stable));
    case 'go back meanwhile': {
      const version = random.pick(others.filter((one) => one < stable));
      return at(`${version}`, moved(state, version));
    }
    case 'release at once': {
      const version = random.pick(others);
      return at(`${version}`, moved(state, version));
    }
    case 'withdraw candidate':
    case 'withdraw stable': {
      const out = [...withdrawn, operation === 'withdraw stable' ? stable : (rollout?.candidate ?? 0)].sort();
      return at(state.declared, withdrew(state, out), { withdrawn: out });
    }
    case 'start nowhere': {
      const declared = random.pick([`${stable}..${stable}`, `${stable + 1}..${stable + 2}`, `${stable}..99`]);
      return at(declared, state, { isRefused: true });
    }
    case 'deploy again':
      return at(state.declared, state);
    case 'remove the option':
      // While the parameter says 3..4 CloudFormation refuses it; ended in the same deployment it is fine.
      return random.below(3) === 0
        ? at(state.declared, state, { prod: 'plain', isRefused: true })
        : at(`${stable}`, moved(state, stable), { prod: 'plain' });
    case 'remove the alias':
      return at(state.declared, moved(state, null), { prod: 'removed' });
    case 'destroy':
      return at(state.declared, moved(state, null), { prod: 'removed' });
  }
}
