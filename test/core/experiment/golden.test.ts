import { describe, expect, it } from 'vitest';
import type { SpanAnswers } from '../../../core/experiment/answers';
import { intervalOf, logAgainst, pValue } from '../../../core/experiment/difference';
import { logAgainstSplit } from '../../../core/experiment/sample-ratio';
import golden from './golden.json';

/** By Python and scipy, with other means: golden.py. */
describe('What a readout computes, as Python does', () => {
  it.each(golden.cases.map(({ spans, ...said }, index) => ({ index, ...said, spans: spans.map(spanOf) })))(
    'bets and bounds of case $index',
    ({ spans, logs, low, high }) => {
      for (const [difference = 0, log = 0] of logs) expect(logAgainst(spans, difference)).toBeCloseTo(log, 7);
      const interval = intervalOf(spans, 0.05);
      expect(interval.low).toBeCloseTo(low, 6);
      expect(interval.high).toBeCloseTo(high, 6);
      const none = logs.find(([difference]) => difference === 0)?.[1] ?? 0;
      expect(pValue(spans)).toBeCloseTo(Math.min(1, Math.exp(-none)), 9);
    },
  );

  it.each(golden.splits)(
    'the split of %i to %i where the candidate is to get %f',
    (candidate = 0, stable = 0, share = 0, log = 0) => {
      expect(logAgainstSplit({ candidate, stable, share })).toBeCloseTo(log, 6);
    },
  );
});

function spanOf([n1 = 0, k1 = 0, n0 = 0, k0 = 0]: number[]): SpanAnswers {
  return { candidate: { n: n1, yes: k1 }, stable: { n: n0, yes: k0 } };
}
