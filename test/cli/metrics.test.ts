import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherMetrics } from '../../cli/metrics/gather-metrics';
import { metricPeriod } from '../../cli/metrics/metric-period';
import { metricsText } from '../../cli/metrics/metrics-text';
import { embeddedMetrics, scoreMetrics } from '../../client/prompt-metrics';
import type { VersionMetrics } from '../../core/metrics/version-metrics';
import { startWithClock } from '../local-aws/local-clients';
import { sampleMetrics } from '../studio/metrics-sample';
import { fakeTerminal } from './fake-terminal';

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

  describe('of scores', () => {
    /** As the client writes what somebody said of an answer. */
    const scored = (version: number, yes: number, no: number, name = 'helpful', alias = 'PROD') => {
      const where = { registry: '/prompts/prod', prompt: 'letters', alias, version, time: local.clock.time.getTime() };
      for (let index = 0; index < yes + no; index++) local.aws.logged(scoreMetrics(where, name, index < yes));
    };
    const scores = (versions: readonly VersionMetrics[]) =>
      versions.map(({ alias, version, uses, scores: found }) => [
        ...[alias, version, uses],
        found?.map(({ name, yes, answers }) => `${name} ${yes}/${answers}`).join(),
      ]);

    it('is counted by name, version and alias, still in one request', async () => {
      used(3);
      used(4);
      scored(3, 1, 2);
      local.pass(MINUTE);
      scored(4, 2, 1);
      scored(4, 0, 1, 'polite');
      scored(4, 1, 0, 'helpful', 'STAGING');
      const before = local.aws.calls.length;
      expect(scores(await read({ scores: true }))).toEqual([
        ['PROD', 4, 1, 'helpful 2/3,polite 0/1'],
        ['PROD', 3, 1, 'helpful 1/3'],
        ['STAGING', 4, 0, 'helpful 1/1'],
      ]);
      expect(local.aws.calls.slice(before).map(({ operation }) => operation)).toEqual(['GetMetricData']);
      expect(scores(await read({ scores: true, alias: 'STAGING' }))).toEqual([['STAGING', 4, 0, 'helpful 1/1']]);
      expect(scores(await read({ scores: true, prompt: 'letter' }))).toEqual([]);
    });

    it('has what was said of a version that nobody uses any more, and of no answer before that time', async () => {
      scored(2, 5, 5);
      local.pass(2 * 60 * MINUTE);
      used(3);
      scored(2, 0, 1, 'polite');
      expect(scores(await read({ scores: true }))).toEqual([
        ['PROD', 3, 1, ''],
        ['PROD', 2, 0, 'polite 0/1'],
      ]);
    });

    it('takes no name for that of another metric', async () => {
      used(3);
      const names = ['__proto__', 'constructor', 'Score', 'Uses', 'yes'];
      for (const name of names) scored(3, 1, 1, name);
      const [three] = await read({ scores: true });
      expect(three).toMatchObject({ version: 3, uses: 1, errors: 0 });
      expect(new Set(three?.scores)).toEqual(new Set(names.map((name) => ({ name, yes: 1, answers: 2 }))));
    });

    it('knows scores from metrics with such a word in their name', async () => {
      const where = { registry: '/prompts/prod', prompt: 'letters', alias: 'PROD', time: local.clock.time.getTime() };
      const line = scoreMetrics({ ...where, version: 3 }, 'helpful', true);
      for (const name of ['HighScore', 'score.helpful', 'Score', 'Score.', 'Best.Score.helpful'])
        local.aws.logged(line.replaceAll('Score.helpful', name));
      expect(scores(await read({ scores: true }))).toEqual([]);
    });

    it('is left out, and said to be, where CloudWatch has more metrics than one answer holds', async () => {
      used(3);
      for (let index = 0; index < 200; index++) scored(3, 1, 0, `name-${index}`);
      expect((await read({ scores: true }))[0]?.scores).toHaveLength(200);
      for (let index = 200; index < 250; index++) scored(3, 1, 0, `name-${index}`);
      const before = local.aws.calls.length;
      const versions = await read({ scores: true });
      expect(versions).toMatchObject([{ version: 3, uses: 1, inputTokens: 800, scores: null }]);
      expect(local.aws.calls.slice(before)).toHaveLength(2);
      const { terminal } = fakeTerminal(100, { NO_COLOR: '1' });
      expect(metricsText({ ...sampleMetrics(), versions }, terminal)).toContain('scores are not shown');
    });
  });

  it('fails where versions alone are more than one answer holds, rather than to show some of them', async () => {
    for (let version = 1; version <= 56; version++) used(version, { cost: 0.1 });
    await expect(read()).rejects.toMatchObject({
      message: 'CloudWatch answered in part',
      why: expect.stringContaining('MaxMetricsExceeded'),
      fix: [expect.stringContaining('one alias')],
    });
  });
});

describe('The table of metrics', () => {
  const shown = (versions: readonly VersionMetrics[], width = 100) =>
    metricsText({ ...sampleMetrics(), versions }, fakeTerminal(width, { NO_COLOR: '1' }).terminal);

  it('has a second one for scores, the versions of an alias next to each other', () => {
    expect(shown(sampleMetrics().versions)).toBe(
      [
        'letters  2026-11-29 00:00:00 UTC to 2026-11-30 00:00:00 UTC',
        'ALIAS  VERSION   USES   ERRORS  LATENCY  P99    TOKENS A USE  COST A USE  COST',
        'PROD   4         1,200  2.0 %   840 ms   2.9 s  829 / 143     $0.0021     $2.52',
        '       3 live    3,600  0.67 %  840 ms   2.9 s  817 / 141     $0.0021     $7.56',
        '       fallback  24     0 %     840 ms   2.9 s  812 / 140',
        '',
        'ALIAS  SCORE    VERSION  YES             SHARE',
        'PROD   helpful  4        843 of 1,204    70.0 %',
        '                3 live   2,420 of 4,034  60.0 %',
        '       polite   4        1 of 200        0.50 %',
      ].join('\n'),
    );
  });

  it('has none where nothing was said, and no share of errors where nothing was used', () => {
    const [four] = sampleMetrics().versions as [VersionMetrics];
    expect(shown([{ ...four, scores: [] }])).not.toContain('SCORE');
    expect(shown([{ ...four, uses: 0, errors: 0 }])).not.toMatch(/ 0 +0 %/);
  });

  it.each([30, 60])('writes out what nobody sees in a name, and cuts nothing off: %i columns', (width) => {
    const [four] = sampleMetrics().versions as [VersionMetrics];
    const names = ['\u001b[31mred', 'a\nPROD', '\u202egnol', 'x'.repeat(40)];
    const text = shown([{ ...four, scores: names.map((name) => ({ name, yes: 1, answers: 2 })) }], width);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sign that must not be there
    expect(text).not.toMatch(/\u001b|\u202e|a\n/);
    for (const part of ['\\x1b[31mred', 'a\\x0aPROD', '\\u{202e}gnol', 'x'.repeat(40)])
      expect(text.replace(/\s/g, '')).toContain(part);
    expect(text.match(/1 of 2/g)).toHaveLength(4);
  });
});
