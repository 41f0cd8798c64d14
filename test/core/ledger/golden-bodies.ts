import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerKey } from '../../../core/ledger/layout';
import { recordDigest } from '../../../core/ledger/record';

/**
 * One chain of PROD with all that schema 2 may say: promoted without a gate, promoted with consent, a rollout begun, settled,
 * the settling undone, back to a version of before, a withdrawal. The bodies and their digests never change.
 */
export const GOLDEN_BODIES: readonly string[] = [1, 2, 3, 4, 5, 6, 7].map((number) =>
  readFileSync(join(__dirname, 'golden', `${number}.json`), 'utf8'),
);

export const goldenEntries = () =>
  GOLDEN_BODIES.map((body, index) => ({ key: ledgerKey('ABCDEFGHIJ', 'PROD', index + 1), body }));

/** A body with fields changed, and canonical no more: for what other versions of the package might write. */
export function changedBody(body: string, change: Record<string, unknown>): string {
  return `${JSON.stringify({ ...JSON.parse(body), ...change })}\n`;
}

/** A record that follows another one: whole but for what is changed. */
export function bodyAfter(before: string, change: Record<string, unknown>): string {
  const { sequence, to } = JSON.parse(before);
  const next = { sequence: sequence + 1, from: to, undo: false, requestId: `request-${sequence + 1}` };
  return changedBody(before, { ...next, previous: recordDigest(before), ...change });
}
