import type { RolloutStep } from '../ledger/rollout-step';

/** Why a controller records a halt that it finds in the parameter, and that neither a guard nor a request explains now. */
export const FOUND_IN_PARAMETER = 'the parameter said so';

/**
 * Whether the controller found a halt that it does not know the cause of: one that died before it recorded it knew, or
 * somebody edited the parameter.
 */
export function isFound({ kind, by, reason }: RolloutStep): boolean {
  return kind === 'halt' && by === 'controller' && reason === FOUND_IN_PARAMETER;
}
