import type { ReleaseRequest } from './release-request';

/** What a release does to a rollout: begins or replaces one, makes its candidate the target, or ends it without a move. */
export type RolloutChange = 'start' | 'replace' | 'settle' | 'end';

/** Undefined where no rollout runs and none begins. */
export function rolloutChange({ state, to, candidate }: ReleaseRequest): RolloutChange | undefined {
  const { rollout, version } = state;
  if (candidate !== null) {
    if (rollout === undefined) return 'start';
    return rollout.candidate === candidate ? undefined : 'replace';
  }
  if (rollout === undefined) return undefined;
  return to === rollout.candidate && to !== version ? 'settle' : 'end';
}

/** `3 → 4`; of a start `3, rolls out 4`. */
export function releaseText(request: ReleaseRequest, arrow: string, none = 'none'): string {
  const { state, to, candidate } = request;
  const { version, rollout } = state;
  const stands = String(version ?? none);
  const ended = rollout ? `, ends the rollout of ${rollout.candidate}` : '';
  if (candidate !== null) {
    return `${stands}, rolls out ${candidate}${rollout ? ` instead of ${rollout.candidate}` : ''}`;
  }
  const move = version === to ? stands : `${stands} ${arrow} ${to}`;
  return rolloutChange(request) === 'settle' ? `${move}, settles the rollout` : `${move}${ended}`;
}
