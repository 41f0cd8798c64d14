import type { SpanAnswers } from '../../core/experiment/answers';
import { readOut } from '../../core/experiment/readout';
import type { ExperimentReport } from '../../core/experiment/report';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-16T17:00:00Z');
const HOURS = 14 * 24;

/** A readout after two weeks, computed as always: a split of 50 %, or one in which the candidate got more. */
export function sampleReadout(prompt = 'letters', more = 0, mostLooks = 14): ExperimentReport {
  const spans = (n: number, [yes1, yes0]: readonly [number, number]): SpanAnswers[] =>
    Array.from({ length: HOURS }, (_, hour) => {
      const wave = (hour * 7) % 5;
      return {
        candidate: { n: n + wave + more, yes: Math.round(yes1 * (n + wave)) },
        stable: { n: n + 4 - wave, yes: Math.round(yes0 * (n + 4 - wave)) },
      };
    });
  const errors = spans(30, [0.03, 0.03]);
  const users = (arm: keyof SpanAnswers) => errors.reduce((sum, span) => sum + span[arm].n, 0);
  const readout = readOut(
    {
      times: errors.map((_, hour) => START + hour * HOUR),
      metrics: [
        { name: 'errors', wants: 'no', spans: errors },
        { name: 'slow', wants: 'no', spans: spans(30, [0.2, 0.3]) },
        { name: 'helpful', wants: 'yes', spans: spans(10, [0.7, 0.6]) },
        {
          name: 'polite',
          wants: 'yes',
          spans: spans(0, [0, 0]).map((span) => ({ ...span, stable: { n: 0, yes: 0 } })),
        },
      ],
      split: { candidate: users('candidate'), stable: users('stable'), share: 0.5 },
      repeats: 1,
    },
    3_600,
    mostLooks,
  );
  const time = (hours: number) => new Date(START + hours * HOUR).toISOString();
  const use = { uses: 20_000, errors: 200, inputTokens: 16_000_000, outputTokens: 2_800_000, pricedUses: 20_000 };
  return {
    ...readout,
    ...{ prompt, registry: '/prompts/prod', alias: 'PROD', plan: 12, stable: 3, candidate: 4, shares: [50] },
    ...{ began: time(-0.3), ends: time(HOURS), halted: null, ended: null, now: time(HOURS), slow: 10_000, repeats: 1 },
    measured: { since: time(0), until: time(HOURS), seconds: 3_600, next: null, isCut: false },
    uses: { stable: { ...use, latency: 910, cost: 42 }, candidate: { ...use, latency: 840, cost: 40 } },
  };
}
