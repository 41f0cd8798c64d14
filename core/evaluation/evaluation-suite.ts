import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';

/** How many cases a suite may have: what is larger is a job for a batch, not for a loop at a desk or a pipeline's step. */
export const MOST_CASES = 10_000;

/** How many metrics a suite may have: the counts of each stand in a signed review. */
export const MOST_METRICS = 20;

/** The metric that the cases' own `checks` make; no other may have its name. */
export const OWN_CHECKS = 'checks';

/** Times that a critical case is asked, where the suite does not say. */
export const CRITICAL_REPEATS = 3;

/** One question with what is known of the right answer. */
export interface EvaluationCase {
  /** 1 to 64 visible characters, once in a suite. */
  readonly id: string;
  /** Values of the prompt's variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What a metric compares with, by `of`: any JSON. */
  readonly expected?: unknown;
  /** Checks of this case alone. Together they are one metric, {@link OWN_CHECKS}. */
  readonly checks?: readonly Check[];
  /** It is asked several times, and must pass each time. */
  readonly critical?: true;
  readonly tags?: readonly string[];
}

/**
 * One check: its kind, what it compares with, its settings, all as JSON. Files that the suite names are read in.
 *
 * `of` is a path into the case (`expected.mentions`), `value` the value itself.
 */
export interface Check {
  /** Name of the kind: `contains-all`. */
  readonly check: string;
  readonly of?: string;
  readonly value?: unknown;
  readonly [setting: string]: unknown;
}

/** A check with a name: yes or no for each of its cases. */
export interface Metric {
  readonly name: string;
  readonly check: Check;
  /** Tags: it is about the cases that have one of them. Without, about all. */
  readonly only?: readonly string[];
}

/** Cases and metrics, known by their digest. */
export interface EvaluationSuite {
  /** In the order of the file. */
  readonly cases: readonly EvaluationCase[];
  /** In the order of the file; without {@link OWN_CHECKS}. */
  readonly metrics: readonly Metric[];
  /** Times that a critical case is asked; all others are asked once. */
  readonly repeats: number;
}

/**
 * The digest of a suite: `es1:` and 64 hex digits, the same in every checkout. The order of cases, metrics and tags does
 * not count; what the files hold that a metric names does.
 */
export function suiteDigest({ cases, metrics, repeats }: EvaluationSuite): string {
  const content = {
    cases: cases
      .map(({ tags, ...rest }) => ({ ...rest, ...(tags?.length && { tags: tags.toSorted() }) }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    metrics: Object.fromEntries(
      metrics.map(({ name, check, only }) => [name, { check, ...(only && { only: only.toSorted() }) }]),
    ),
    repeats,
  };
  return `es1:${createHash('sha256').update(canonicalJson(content)).digest('hex')}`;
}

const SUITE_DIGEST = /^es1:[0-9a-f]{64}$/;

/** Whether a text is the digest of a suite and nothing else. */
export function isSuiteDigest(text: unknown): text is string {
  return typeof text === 'string' && SUITE_DIGEST.test(text);
}

/** Names of all metrics, {@link OWN_CHECKS} last where a case has checks of its own. */
export function metricNames({ metrics, cases }: EvaluationSuite): string[] {
  const own = cases.some(({ checks }) => checks) ? [OWN_CHECKS] : [];
  return [...metrics.map(({ name }) => name), ...own];
}

/** The cases that a metric is about: a row that is missing among theirs is a fail. */
export function casesOf({ metrics, cases }: EvaluationSuite, metricName: string): EvaluationCase[] {
  if (metricName === OWN_CHECKS) return cases.filter(({ checks }) => checks);
  const only = metrics.find(({ name }) => name === metricName)?.only;
  return cases.filter(({ tags = [] }) => !only || tags.some((tag) => only.includes(tag)));
}

/** The checks that a case has to pass, by metric. */
export function checksOf(
  { metrics }: EvaluationSuite,
  one: EvaluationCase,
): [metric: string, checks: readonly Check[]][] {
  const common = metrics
    .filter(({ only }) => !only || one.tags?.some((tag) => only.includes(tag)))
    .map(({ name, check }): [string, readonly Check[]] => [name, [check]]);
  return one.checks ? [...common, [OWN_CHECKS, one.checks]] : common;
}

/** How often a case is asked: a critical one is the candidate's to pass each time, live is compared by one answer. */
export function repeatsOf({ repeats }: EvaluationSuite, { critical }: EvaluationCase, side: EvaluationSide): number {
  return critical && side === 'candidate' ? repeats : 1;
}

/** What is measured, and what it is compared with. */
export type EvaluationSide = 'candidate' | 'live';
