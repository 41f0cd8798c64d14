import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { ChainEntry } from '../../core/ledger/chain';
import { ledgerKey } from '../../core/ledger/layout';
import { type LedgerRecord, type ReleasedVersion, recordDigest, serializeRecord } from '../../core/ledger/record';
import type { Passed } from '../../core/ledger/record-schema-2';

export function released(version: number): ReleasedVersion {
  const digest = `pd1:${createHash('sha256').update(String(version)).digest('hex')}`;
  return { version, digest, model: 'amazon.nova-pro-v1:0' };
}

/** One step of an alias: where it goes, and whether the stack was going back. */
export interface Step {
  readonly to: number | null;
  readonly undo?: boolean;
  /** @default - none */
  readonly withdrawn?: readonly number[];
  /** What a gate said; makes the record one of schema 2. */
  readonly passed?: Passed;
}

/** An honest history of PROD, oldest first. */
export function recordsOf(steps: readonly Step[]): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (const [index, step] of steps.entries()) {
    const last = records.at(-1);
    const from = last?.to ?? null;
    const to = step.to === null ? null : released(step.to);
    const movement = (to?.version ?? 0) - (from?.version ?? 0);
    records.push({
      ...(step.passed ? { schema: 2, requires: [], rollout: null, ended: null, passed: step.passed } : { schema: 1 }),
      registry: '/prompts/prod',
      prompt: 'financial-analysis',
      promptId: 'ABCDEFGHIJ',
      alias: 'PROD',
      sequence: index + 1,
      kind: movement > 0 ? 'promote' : movement < 0 ? 'rollback' : 'abandon',
      undo: step.undo ?? false,
      from,
      to,
      withdrawn: step.withdrawn ?? [],
      stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts-prod/1',
      logicalId: 'FinancialAnalysisProdAlias1A2B3C4D',
      requestId: `request-${index + 1}`,
      operation: null,
      reason: null,
      time: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
      previous: last ? recordDigest(serializeRecord(last)) : null,
    });
  }
  return records;
}

export function entriesOf(records: readonly LedgerRecord[]): ChainEntry[] {
  return records.map((record) => ({
    key: ledgerKey(record.promptId, record.alias, record.sequence),
    body: serializeRecord(record),
  }));
}

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ to: fc.option(fc.integer({ min: 1, max: 5 })), undo: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
);
