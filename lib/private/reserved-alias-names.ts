import type { Construct } from 'constructs';
import { PROGRESS_NAME, ROLLOUT_NAME } from '../../core/contract/rollout-parameters';
import { constructError } from './construct-error';

/** The registry's own parameters below an alias's have these names: another registry whose prefix leads there would clash. */
const RESERVED: readonly string[] = [ROLLOUT_NAME, PROGRESS_NAME];

/** Throws `InvalidAliasName`. */
export function refuseReservedName(scope: Construct, aliasName: string): void {
  if (!RESERVED.includes(aliasName)) return;
  throw constructError(
    scope,
    'InvalidAliasName',
    `expected an alias's name that the registry does not use itself, found ${aliasName}: parameters of rollouts are called ${RESERVED.join(' and ')}; choose another name`,
  );
}
