import { describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { GATES, gatedHistory } from './gated-registry';

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

describe('An honest history with gates', () => {
  const seen = new Set<string>();
  let reviews = 0;

  it.each(SEEDS)('made by the real handlers is found clean: seed %i', async (seed) => {
    const { registry, what } = await gatedHistory(seed);
    const evidence = { ...registry.evidence(), keptGates: { gates: GATES } };
    const { findings, survey } = verifyEvidence(evidence);
    expect(findings.map(({ problem, object, message }) => `${problem} ${object} ${message}`)).toEqual([]);
    for (const one of what) seen.add(one);
    for (const { passed, undo } of survey.chains.flatMap(({ records }) => records)) {
      seen.add(passed?.how ?? 'ungated');
      if (undo && passed) seen.add('an undo that passed');
    }
    reviews += survey.reviews.length;
  });

  it('was one of many kinds', () => {
    const kinds = ['agreed', 'back', 'done', 'failed', 'refused', 'removed', 'ungated', 'withdrawal'];
    expect([...seen].sort()).toEqual(kinds);
    expect(reviews).toBeGreaterThan(500);
  });
});
