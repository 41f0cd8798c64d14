import { canonicalJson } from '../content/canonical-json';
import { RegistryError } from '../registry-error';
import { type EvaluationRow, type EvaluationRun, rowsDigest } from './evaluation-row';
import { type EvaluationSuite, OWN_CHECKS } from './evaluation-suite';
import { readRun } from './read-run';
import { type RunCounts, runCounts } from './run-counts';

/** A run that somebody kept, as an audit looks at it: which run it says it is, and what its rows come to. */
export interface KeptRun {
  readonly prompt: string;
  /** Suite digest, `es1:…`. */
  readonly suite: string;
  /** Content digest, `pd1:…`. */
  readonly candidate: string;
  /** Digest of what it compared with; null for nothing. */
  readonly baseline: string | null;
  /** ISO 8601. */
  readonly time: string;
  readonly advisory: readonly string[];
  /** Null where rows are there that cannot be read. */
  readonly found: KeptRows | null;
}

export interface KeptRows {
  /** SHA-256 of the rows, as a signed review names it. */
  readonly digest: string;
  readonly counts: RunCounts;
  /** Times that critical cases were asked; 1 says nothing about which cases are critical. */
  readonly repeats: number;
  /** Answers that differ from each other: so many questions were asked at least. */
  readonly answers: number;
  /** Whether answers of what is live are among them. */
  readonly hasLive: boolean;
}

/**
 * Reads a run that `evaluate --rows` or an evaluator wrote. The suite is not needed: each row names the metrics of its case,
 * and a critical case has several rows.
 *
 * @throws RegistryError `InvalidRun` for a file that is no run; where only rows of it are wrong, it is a run without rows
 */
export function keptRun(source: string, name: string): KeptRun {
  const { prompt, suite, candidate, live, time, advisory } = readRun(source.split('\n', 1)[0] ?? '', name);
  const head = { prompt, suite, candidate: candidate.digest, baseline: live?.digest ?? null, time, advisory };
  try {
    return { ...head, found: keptRows(readRun(source, name)) };
  } catch (error) {
    if (error instanceof RegistryError) return { ...head, found: null };
    throw error;
  }
}

function keptRows({ rows, live }: EvaluationRun): KeptRows {
  const suite = suiteIn(rows);
  return {
    digest: rowsDigest(rows),
    counts: runCounts(suite, rows, live !== null),
    repeats: suite.repeats,
    answers: new Set(rows.flatMap(({ answer }) => (answer ? canonicalJson(answer) : []))).size,
    hasLive: rows.some(({ side }) => side === 'live'),
  };
}

/** A suite with the cases and the metrics that the rows have, and no checks: enough to count by. */
function suiteIn(rows: readonly EvaluationRow[]): EvaluationSuite {
  const cases = new Map<string, { tags: Set<string>; asked: number }>();
  let repeats = 1;
  for (const { case: id, side, repeat, metrics } of rows) {
    const known = cases.get(id) ?? { tags: new Set(), asked: 1 };
    for (const name of Object.keys(metrics)) known.tags.add(name);
    if (side === 'candidate') known.asked = Math.max(known.asked, repeat);
    repeats = Math.max(repeats, known.asked);
    cases.set(id, known);
  }
  const names = new Set([...cases.values()].flatMap(({ tags }) => [...tags]));
  names.delete(OWN_CHECKS);
  return {
    cases: [...cases].map(([id, { tags, asked }]) => ({
      id,
      variables: {},
      tags: [...tags],
      ...(asked > 1 && { critical: true as const }),
      ...(tags.has(OWN_CHECKS) && { checks: [] }),
    })),
    metrics: [...names].map((name) => ({ name, check: { check: 'equals' }, only: [name] })),
    repeats,
  };
}
