import type { AliasState } from './registry';

/** Versions that a rollback left callable: newer than the one the alias points to now. */
export function leftOver({
  version,
  callable,
  rollout,
}: Pick<AliasState, 'version' | 'callable' | 'rollout'>): number[] {
  return version === null ? [] : callable.filter((one) => one > version && one !== rollout?.candidate);
}
