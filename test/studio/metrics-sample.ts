import type { PromptMetrics, ScoreMetrics, VersionMetrics } from '../../core/metrics/version-metrics';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-29T00:00:00Z');

const score = (name: string, yes: number, answers: number): ScoreMetrics => ({ name, yes, answers });

export function sampleMetrics(prompt = 'letters'): PromptMetrics {
  const version = (number: number, uses: number, errors: number, live = false): VersionMetrics => ({
    ...{ alias: 'PROD', version: number, live, uses: uses * 24, errors: errors * 24, latency: 840, highestP99: 2_900 },
    ...{ inputTokens: uses * 24 * 812, outputTokens: uses * 24 * 140, cacheReadTokens: 0, cacheWriteTokens: 0 },
    ...{ cost: 0.0021 * uses * 24, pricedUses: uses * 24 },
    scores: [],
    points: Array.from({ length: 24 }, (_, hour) => ({
      ...{ time: new Date(START + hour * HOUR).toISOString(), uses, errors, latency: 800 + hour },
    })),
  });
  return {
    ...{ prompt, registry: '/prompts/prod', since: new Date(START).toISOString(), period: 3_600 },
    until: new Date(START + 24 * HOUR).toISOString(),
    versions: [
      { ...version(4, 50, 1), scores: [score('helpful', 843, 1_204), score('polite', 1, 200)] },
      { ...version(3, 150, 1, true), scores: [score('helpful', 2_420, 4_034)] },
      { ...version(1, 1, 0), version: null, cost: null },
    ],
  };
}
