import { isDigest } from './digest-text';
import { NO_VERSION } from './no-version';
import { versionOfArn } from './version-arn';

// The two parameters below an alias's own. CloudFormation writes which rollout may happen, the controller how far it has
// got; readers put both together (core/rollout/share.ts).

/** What draws a caller: its session, so that it keeps the version it got, or each call by itself. */
export const ROLLOUT_KEYS = ['session', 'none'] as const;

/** The last parts of their names; no alias has one of these. */
export const ROLLOUT_NAME = 'rollout';
export const PROGRESS_NAME = 'rollout-progress';

/** @param pointerName name or ARN of the alias's own parameter; may be a CDK token */
export function rolloutParameterName(pointerName: string): string {
  return `${pointerName}/${ROLLOUT_NAME}`;
}

/** @param pointerName likewise */
export function progressParameterName(pointerName: string): string {
  return `${pointerName}/${PROGRESS_NAME}`;
}

/** What a stack update allowed. */
export interface RolloutValue {
  readonly v: 1;
  /** Sequence number of the record that began it. */
  readonly plan: number;
  /** ARN of the candidate's version. */
  readonly to: string;
  /** Ascending whole percents, 1 to 100. */
  readonly steps: readonly number[];
  /** Digest of the candidate: a content draws the same users wherever and how often it is rolled out. */
  readonly salt: string;
  /** `none`: each call is drawn by itself, whatever key it names. Left out for `session`. */
  readonly key?: 'session' | 'none' | undefined;
  /** Scores that are counted. Left out where the plan has no end: then every name is. */
  readonly scores?: readonly string[] | undefined;
}

/** How far the controller has got. */
export interface RolloutProgress {
  readonly v: 1;
  /** Holds for this plan and no other. */
  readonly plan: number;
  /** Number of the step record; in one plan a higher one is newer. */
  readonly n: number;
  /** Place in the plan's steps, from 0. */
  readonly step: number;
  readonly state: 'step' | 'halt';
  /** ISO 8601, UTC: not before. */
  readonly at: string;
  /** Likewise: no longer. */
  readonly until: string;
  /** Likewise: when a controller was there. Only where the plan has an end, at which `until` stands still. */
  readonly seen?: string | undefined;
}

/** The value of the parameter `rollout`; null for no rollout. */
export function formatRollout(rollout: Omit<RolloutValue, 'v'> | null): string {
  if (!rollout) return NO_VERSION;
  const { plan, to, steps, salt, key, scores } = rollout;
  return JSON.stringify({ v: 1, plan, to, steps, salt, key: key === 'session' ? undefined : key, scores });
}

/** The value of the parameter `rollout-progress`; null before the first step. */
export function formatProgress(progress: Omit<RolloutProgress, 'v'> | null): string {
  if (!progress) return NO_VERSION;
  const { plan, n, step, state, at, until, seen } = progress;
  return JSON.stringify({ v: 1, plan, n, step, state, at, until, seen });
}

/** Null for `none`, and for a value that is not exactly such a one: then nobody gets a candidate. */
export function parseRollout(text: string | undefined): RolloutValue | null {
  return parsed<RolloutValue>(
    text,
    ({ plan, to, salt, key, steps, scores = [] }) =>
      isWhole(plan, 1) &&
      typeof to === 'string' &&
      versionOfArn(to) !== null &&
      isDigest(salt) &&
      [undefined, 'session', 'none'].includes(key) &&
      Array.isArray(scores) &&
      isSteps(steps),
  );
}

/** Likewise. */
export function parseProgress(text: string | undefined): RolloutProgress | null {
  return parsed<RolloutProgress>(
    text,
    ({ plan, n, step, state, at, until, seen = until }) =>
      isWhole(plan, 1) &&
      isWhole(n, 1) &&
      isWhole(step, 0) &&
      (state === 'step' || state === 'halt') &&
      [at, until, seen].every((time) => TIME.test(`${time}`) && Date.parse(`${time}`)),
  );
}

/** Whether these are steps of a rollout: at least one, ascending, each a whole percent from 1 to 100. */
export function isSteps(steps: unknown): steps is readonly number[] {
  if (!Array.isArray(steps) || steps.length === 0) return false;
  return steps.every((step, index) => isWhole(step, 1 + (steps[index - 1] ?? 0)) && step <= 100);
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function parsed<T>(text: string | undefined, isOne: (value: Partial<T>) => unknown): T | null {
  try {
    const value = JSON.parse(text ?? '');
    return value.v === 1 && isOne(value) ? value : null;
  } catch {
    return null;
  }
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least;
}
