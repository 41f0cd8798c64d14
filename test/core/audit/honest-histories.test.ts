import { describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { honestHistory } from './honest-registry';

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

describe('An honest history', () => {
  const seen = new Set<string>();
  let records = 0;

  it.each(SEEDS)('made by the real handlers is found clean: seed %i', async (seed) => {
    const { registry, what } = await honestHistory(seed);
    const { findings, survey } = verifyEvidence(registry.evidence());
    expect(findings.map(({ problem, object, message }) => `${problem} ${object} ${message}`)).toEqual([]);
    for (const one of what) seen.add(one);
    for (const record of survey.chains.flatMap((chain) => chain.records)) {
      records += 1;
      seen.add(record.kind);
      if (record.undo) seen.add('undo');
      if (record.reason !== null) seen.add('reason');
    }
  });

  it('was one of many kinds', () => {
    const kinds = ['promote', 'rollback', 'withdraw', 'remove', 'abandon', 'undo', 'reason'];
    expect([...seen].sort()).toEqual(
      [...kinds, 'failed', 'no token', 'pruned', 'removed', 'second stack', 'withdrawal'].sort(),
    );
    expect(records).toBeGreaterThan(1000);
  });
});
