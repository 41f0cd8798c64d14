import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';
import type { EvaluationSide } from './evaluation-suite';
import type { ModelAnswer } from './model-answer';

/** What one metric says of one answer. */
export interface MetricResult {
  readonly pass: boolean;
  /** Why not; null where it passed. */
  readonly reason: string | null;
}

/** One answer to one case, and what each metric of the case says of it. */
export interface EvaluationRow {
  readonly side: EvaluationSide;
  /** Id of the case. */
  readonly case: string;
  /** From 1. Metrics are compared by the first; a critical case must pass in all of the candidate's. */
  readonly repeat: number;
  /** Null where there is none: then no metric passes. */
  readonly answer: ModelAnswer | null;
  /** Why there is no answer, or why it could not be judged; else null. */
  readonly error: string | null;
  readonly metrics: Readonly<Record<string, MetricResult>>;
}

/** A content that was asked. */
export interface EvaluatedContent {
  /** For people: `:3`, `@PROD (:3)`, `prompts/x.prompt`. */
  readonly label: string;
  /** Content digest, `pd1:…`. */
  readonly digest: string;
  /** Null for a file or a draft, which can be tried, and not signed for. */
  readonly version: number | null;
  readonly model: string | null;
}

/**
 * How many different questions have an answer. Fewer than rows where cases ask the same, or both sides hold the same
 * content: those of the candidate are not counted again.
 */
export interface AnsweredQuestions {
  readonly candidate: number;
  readonly live: number;
}

/** One run of a suite: all that was asked, and all that was answered. */
export interface EvaluationRun {
  readonly prompt: string;
  /** Suite digest, `es1:…`. */
  readonly suite: string;
  readonly candidate: EvaluatedContent;
  /** Null where nothing is live, or nothing is compared with. */
  readonly live: EvaluatedContent | null;
  /** ISO 8601. */
  readonly time: string;
  /** Why nobody can be held to it (a file, a model elsewhere, a check in code, a part of the suite); empty for a full run. */
  readonly advisory: readonly string[];
  /** Absent in a run of before they were counted. */
  readonly questions?: AnsweredQuestions;
  /** By side, case and repeat. */
  readonly rows: readonly EvaluationRow[];
}

/**
 * A run as a file: JSON Lines, the run itself in the first, then a row in each. It holds variables' effects and models'
 * answers: treat it as you treat those.
 */
export function serializeRun({ rows, ...head }: EvaluationRun): string {
  const lines = [{ schema: 1, ...head }, ...inOrder(rows)].map((line) => canonicalJson(line));
  return `${lines.join('\n')}\n`;
}

/**
 * SHA-256 in hex of the rows, in order and without the time each took: what was answered and how it was judged. It stands
 * in a signed review, which holds no text.
 */
export function rowsDigest(rows: readonly EvaluationRow[]): string {
  const lines = inOrder(rows).map(({ answer, ...row }) => {
    const { latencyMs, ...said } = answer ?? { latencyMs: 0 };
    return `${canonicalJson({ ...row, answer: answer && said })}\n`;
  });
  return createHash('sha256').update(lines.join('')).digest('hex');
}

function inOrder(rows: readonly EvaluationRow[]): EvaluationRow[] {
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return rows.toSorted((a, b) => byText(a.side, b.side) || byText(a.case, b.case) || a.repeat - b.repeat);
}
