import type { FirstUses } from './first-uses';

/** Where an answer came from: SSM within the time to live, SSM before that, a snapshot, or the caller's own fallback. */
export type PromptSource = 'registry' | 'stale' | 'snapshot' | 'fallback';

/** A version that an alias pointed to, or that its rollout gives to a key. */
export interface Pointed {
  /** Absent for a fallback. */
  readonly versionArn?: string;
  readonly source: PromptSource;
  /** Milliseconds since the question was sent that this answers. */
  readonly age: number;
  /** What callers must name, as SSM answered it; undefined or `none` where the alias asks for nothing. */
  readonly guardrail?: string | undefined;
  /** Where a rollout gives its candidate to some. */
  readonly drawn?: Drawn;
}

/** What stands in the place of a version where the caller's fallback is used. */
export const FALLBACK: Pointed = { source: 'fallback', age: 0 };

/** What a rollout has to do with one use. */
export interface Drawn {
  readonly plan: number;
  /** Percent of the keys that get the candidate now. */
  readonly share: number;
  /** Stands for the key; undefined where the call was drawn by itself. */
  readonly key: string | undefined;
  /** ARN of the version that the key, or the call, belongs to: what is served, unless the candidate failed. */
  readonly arm: string;
  /** What to serve in place of the candidate. */
  readonly stable: Pointed;
  readonly firsts: FirstUses;
  /** Name of the error with which the candidate failed before. */
  readonly candidateError?: string;
}
