import { expect, it } from 'vitest';
import { type SumsAnswer, type SumsQuestion, versionSums } from '../../../core/rollout/version-sums';

const of = { prompt: 'letters', alias: 'PROD' } as const;
const window = { from: new Date('2026-12-01T10:00:00Z'), to: new Date('2026-12-01T10:03:00Z'), seconds: 60 } as const;
const minute = (count: number) => new Date(window.from.getTime() + count * 60_000);

it('sums of versions come in the order that they were asked for, over pages that go on with a series of another one', async () => {
  const asked: SumsQuestion[] = [];
  const pages: SumsAnswer[] = [
    {
      MetricDataResults: [{ Id: 'm1', Timestamps: [minute(0)], Values: [7], StatusCode: 'PartialData' }],
      NextToken: 'more',
    },
    { NextToken: 'again' },
    {
      MetricDataResults: [
        { Id: 'm1', Timestamps: [minute(2)], Values: [1], StatusCode: 'Complete' },
        { Id: 'm0', Timestamps: [minute(1), minute(0)], Values: [3, 2], StatusCode: 'Complete' },
        { Id: 'another', Timestamps: [minute(0)], Values: [9], StatusCode: 'Complete' },
      ],
    },
  ];
  const metrics = versionSums('/prompts/prod', async (question) => {
    asked.push(question);
    return pages[asked.length - 1] as SumsAnswer;
  });
  const sums = await metrics.sums(
    [
      { ...of, metric: 'FirstUses', version: 4 },
      { ...of, metric: 'FirstErrors', version: 3 },
    ],
    window,
  );

  expect(sums.map((sum) => [...sum])).toEqual([
    [
      [minute(1).getTime(), 3],
      [minute(0).getTime(), 2],
    ],
    [
      [minute(0).getTime(), 7],
      [minute(2).getTime(), 1],
    ],
  ]);
  expect(asked.map(({ NextToken }) => NextToken)).toEqual([undefined, 'more', 'again']);
  expect(asked[0]?.MetricDataQueries[1]?.MetricStat).toEqual({
    Metric: {
      Namespace: 'PromptRegistry',
      MetricName: 'FirstErrors',
      Dimensions: ['/prompts/prod', 'letters', 'PROD', '3'].map((Value, index) => ({
        Name: ['Registry', 'Prompt', 'Alias', 'Version'][index],
        Value,
      })),
    },
    Period: 60,
    Stat: 'Sum',
  });
});

it.each<[string, string[], string | undefined]>([
  ['went wrong', ['InternalError'], 'InternalError'],
  ['is a part, and no page follows', ['PartialData'], 'PartialData'],
  ['is a part on the last page too', ['PartialData', 'PartialData'], 'PartialData'],
  ['may not be read', ['Forbidden'], 'Forbidden'],
  ['went wrong after a whole page', ['Complete', 'InternalError'], 'InternalError'],
  ['is a part that the next page completes', ['PartialData', 'Complete'], undefined],
  ['went wrong, and came with the next page', ['InternalError', 'Complete'], undefined],
])('of which one %s are no sums, and never zeros', async (_, statuses, missing) => {
  let page = 0;
  const metrics = versionSums('/prompts/prod', async () => {
    const StatusCode = statuses[page++];
    const errors = { Id: 'm1', Timestamps: [minute(page)], Values: [1], StatusCode };
    const uses = page === 1 ? [{ Id: 'm0', Timestamps: [minute(0)], Values: [60], StatusCode: 'Complete' }] : [];
    return { MetricDataResults: [...uses, errors], NextToken: page < statuses.length ? 'more' : undefined };
  });
  const asked = [
    { ...of, metric: 'Uses', version: 4 },
    { ...of, metric: 'FirstErrors', version: 4 },
  ] as const;
  const sums = metrics.sums(asked, window);
  if (missing) await expect(sums).rejects.toThrow(`CloudWatch answered in part: ${missing}`);
  else expect((await sums)[1]?.size).toBe(statuses.length);
});

it('are none either where a message says that the answer as a whole is not all of it', async () => {
  const asked = [{ ...of, metric: 'FirstErrors', version: 4 }] as const;
  const metrics = versionSums('/prompts/prod', async () => ({
    MetricDataResults: [{ Id: 'm0', Timestamps: [minute(0)], Values: [0], StatusCode: 'Complete' }],
    Messages: [{ Code: 'MaxMetricsExceeded', Value: 'Maximum number of allowed metrics exceeded' }],
  }));
  await expect(metrics.sums(asked, window)).rejects.toThrow('CloudWatch answered in part: MaxMetricsExceeded');
});
