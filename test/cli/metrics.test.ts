import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherMetrics } from '../../cli/metrics/gather-metrics';
import { metricPeriod } from '../../cli/metrics/metric-period';
import { embeddedMetrics } from '../../client/prompt-metrics';
import { startWithClock } from '../local-aws/local-clients';

const DAY = 86_400_000;
const MINUTE = 60_000;

describe('The period of metrics', () => {
  it.each([
    ['30m', 30 * MINUTE, 60],
    ['a day', DAY, 3_600],
    ['7d', 7 * DAY, 21_600],
    ['40d', 40 * DAY, 86_400],
    ['a year', 365 * DAY, 604_800],
  ])('of %s is at most 60 of them', (_, span, expected) => {
    const now = new Date();
    expect(metricPeriod(new Date(now.getTime() - span), now)).toBe(expected);
  });
});

describe('What the client measured', () => {
  let local: Awaited<ReturnType<typeof startWithClock>>;
  let client: CloudWatchClient;
  beforeEach(async () => {
    local = await startWithClock();
    client = new CloudWatchClient(local.settings);
  });
  afterEach(() => local.aws.stop());

  /** Written by the client's own code, as CloudWatch Logs gets it. */
  const used = (
    version: number | undefined,
    more: { error?: string; latency?: number; cost?: number; alias?: string } = {},
  ) => {
    const { error, latency = 800, cost, alias = 'PROD' } = more;
    const use = { prompt: 'letters', alias, version, error } as Parameters<typeof embeddedMetrics>[0]['use'];
    const usage = error ? {} : { inputTokens: 800, outputTokens: 100 };
    local.aws.logged(
      embeddedMetrics({ use, registry: '/prompts/prod', latency, usage, cost, time: local.clock.time.getTime() }),
    );
  };
  const read = (more: object = {}) => {
    const until = new Date(local.clock.time.getTime() + MINUTE);
    const since = new Date(until.getTime() - 60 * MINUTE);
    return gatherMetrics(client, { registry: '/prompts/prod', prompt: 'letters', since, until, period: 60, ...more });
  };

  it('is summed for each version of each alias, and told by period', async () => {
    used(3, { cost: 0.002 });
    used(3, { latency: 1_600 });
    local.pass(MINUTE);
    used(4, { error: 'ModelErrorException', latency: 100 });
    used(4);
    used(undefined);
    used(4, { alias: 'STAGING' });
    const found = await read();
    expect(found.map(({ alias, version, uses, errors }) => [alias, version, uses, errors])).toEqual([
      ['PROD', 4, 2, 1],
      ['PROD', 3, 2, 0],
      ['PROD', null, 1, 0],
      ['STAGING', 4, 1, 0],
    ]);
    const [four, three] = found;
    expect(three).toMatchObject({ latency: 1_200, highestP99: 1_600, inputTokens: 1_600, outputTokens: 200 });
    expect(three).toMatchObject({ cost: 0.002, pricedUses: 1, points: [{ uses: 2, errors: 0, latency: 1_200 }] });
    expect(four).toMatchObject({ cost: null, points: [{ time: '2026-11-22T12:01:00.000Z', uses: 2, errors: 1 }] });
  });

  it('is of one registry, prompt and alias', async () => {
    used(3);
    used(3, { alias: 'STAGING' });
    expect(await read({ alias: 'STAGING' })).toMatchObject([{ alias: 'STAGING', uses: 1 }]);
    expect(await read({ registry: '/prompts/test' })).toEqual([]);
    expect(await read({ prompt: 'letter' })).toEqual([]);
  });

  it('takes one request', async () => {
    for (let version = 1; version <= 30; version++) used(version);
    const before = local.aws.calls.length;
    expect(await read()).toHaveLength(30);
    expect(local.aws.calls.slice(before).map(({ operation }) => operation)).toEqual(['GetMetricData']);
  });
});
