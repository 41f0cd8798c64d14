import { isDigest } from '../contract/digest-text';
import { RegistryError } from '../registry-error';
import type { EvaluatedContent, EvaluationRow, EvaluationRun, MetricResult } from './evaluation-row';
import { isSuiteDigest } from './evaluation-suite';

/**
 * Reads a run that `serializeRun()` wrote. Fields that are not known are ignored.
 *
 * @param name as it is to appear in errors
 * @throws RegistryError `InvalidRun` with the line that is no part of a run
 */
export function readRun(source: string, name: string): EvaluationRun {
  const [first = '', ...rest] = source.split('\n');
  const head = parsed(first, name, 1);
  const { prompt, suite, candidate, live, time, advisory } = head;
  const isHead =
    head.schema === 1 &&
    typeof prompt === 'string' &&
    isSuiteDigest(suite) &&
    isContent(candidate) &&
    (live === null || isContent(live)) &&
    typeof time === 'string' &&
    isTexts(advisory);
  if (!isHead) throw refused(name, 1, 'the run itself: schema 1, prompt, suite, candidate, live, time, advisory');
  const rows = rest.flatMap((line, index) =>
    line === '' ? [] : [rowOf(parsed(line, name, index + 2), name, index + 2)],
  );
  return { prompt, suite, candidate, live, time, advisory, rows } as EvaluationRun;
}

function rowOf(row: Record<string, unknown>, name: string, line: number): EvaluationRow {
  const { side, case: id, repeat, answer, error, metrics } = row;
  const isRow =
    (side === 'candidate' || side === 'live') &&
    typeof id === 'string' &&
    Number.isSafeInteger(repeat) &&
    (answer === null || isAnswer(answer)) &&
    (error === null || typeof error === 'string') &&
    // None for a case that no metric is about.
    isObject(metrics) &&
    Object.values(metrics).every(isResult);
  if (!isRow) throw refused(name, line, 'a row: side, case, repeat, answer, error, metrics');
  return row as unknown as EvaluationRow;
}

function isAnswer(value: unknown): boolean {
  const { text, toolCalls, stopReason, inputTokens, outputTokens, latencyMs } = objectOf(value);
  const numbers = [inputTokens, outputTokens, latencyMs];
  return (
    typeof text === 'string' &&
    typeof stopReason === 'string' &&
    Array.isArray(toolCalls) &&
    numbers.every((one) => typeof one === 'number' && one >= 0)
  );
}

function isResult(value: unknown): value is MetricResult {
  const { pass, reason } = objectOf(value);
  return typeof pass === 'boolean' && (reason === null || typeof reason === 'string');
}

function isContent(value: unknown): value is EvaluatedContent {
  const { label, digest, version, model } = objectOf(value);
  return (
    typeof label === 'string' &&
    isDigest(digest) &&
    (version === null || Number.isSafeInteger(version)) &&
    (model === null || typeof model === 'string')
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(line: string, name: string, number: number): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    throw refused(name, number, 'JSON in one line');
  }
}

function refused(name: string, line: number, expected: string): RegistryError {
  return new RegistryError(
    'InvalidRun',
    `${name}:${line}: expected ${expected}; write it again with prompt-registry evaluate --rows`,
  );
}
