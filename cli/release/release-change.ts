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

/** The split that runs until a release takes its place: when it ends. */
export interface RunningSplit {
  readonly candidate: number;
  /** ISO 8601. */
  readonly ends: string;
  readonly over: boolean;
}

/** Undefined where no split runs, or a halt has ended it. */
export function runningSplit({ state: { rollout } }: ReleaseRequest): RunningSplit | undefined {
  if (rollout?.ends === undefined || rollout.halted) return undefined;
  return { candidate: rollout.candidate, ends: rollout.ends, over: rollout.over ?? false };
}

/** `3 → 4`; of a start `3, rolls out 4`. */
export function releaseText(request: ReleaseRequest, arrow: string, none = 'none'): string {
  const { state, to, candidate } = request;
  const { version, rollout } = state;
  const stands = String(version ?? none);
  const early = runningSplit(request)?.over === false ? ' before its end' : '';
  const ended = rollout ? `, ends the rollout of ${rollout.candidate}${early}` : '';
  if (candidate !== null) {
    const instead = rollout ? ` instead of ${rollout.candidate}${early && `,${early}`}` : '';
    return `${stands}, rolls out ${candidate}${instead}`;
  }
  const move = version === to ? stands : `${stands} ${arrow} ${to}`;
  const halted = rollout?.halted ? 'halted ' : '';
  return rolloutChange(request) === 'settle' ? `${move}, settles the ${halted}rollout${early}` : `${move}${ended}`;
}
