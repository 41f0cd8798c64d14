import { CloudWatchClient, type MessageData, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { gatherMetrics } from '../../cli/metrics/gather-metrics';
import { readoutMetrics } from '../../cli/rollout/readout-metrics';

const FROM = new Date('2026-12-01T10:00:00Z');
const TO = new Date('2026-12-01T11:00:00Z');
const NAMED = { registry: '/prompts/prod', prompt: 'letters' };

/** A client whose answers are these pages; each of them has this message. */
function answering(pages: MetricDataResult[][], Messages: MessageData[] = []): CloudWatchClient {
  const client = new CloudWatchClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  let page = 0;
  const send = async () => ({
    MetricDataResults: pages[page++],
    Messages,
    NextToken: page < pages.length ? 'more' : undefined,
  });
  return Object.assign(client, { send });
}

const series = (Id: string, StatusCode: MetricDataResult['StatusCode'], Label = 'PROD 4', value = 1) => ({
  ...{ Id, Label, StatusCode, Timestamps: [FROM], Values: [value] },
});

describe.each([
  [
    'metrics',
    'uses',
    (client: CloudWatchClient) => gatherMetrics(client, { ...NAMED, since: FROM, until: TO, period: 60 }),
  ],
  [
    'rollout readout',
    'm0',
    (client: CloudWatchClient) => {
      const arms = { alias: 'PROD', stable: 3, candidate: 4, scores: [], slow: 10_000 };
      return readoutMetrics(client, { ...NAMED, ...arms, from: FROM, to: TO, seconds: 3_600 });
    },
  ],
] as const)('%s', (_, id, read) => {
  it.each(['InternalError', 'PartialData', 'Forbidden'] as const)('fails where a series is %s', async (status) => {
    const failure = { message: expect.stringContaining('CloudWatch answered in part') };
    await expect(read(answering([[series(id, status)]]))).rejects.toMatchObject(failure);
    await expect(read(answering([[series(id, 'PartialData')], [series(id, status)]]))).rejects.toMatchObject(failure);
  });

  it.each(['MaxMetricsExceeded', 'SomethingNew'])('fails where the answer as a whole is %s', async (Code) => {
    const client = answering(
      [[series(id, 'Complete')]],
      [{ Code, Value: 'Maximum number of allowed metrics exceeded' }],
    );
    await expect(read(client)).rejects.toMatchObject({
      message: 'CloudWatch answered in part',
      why: `${Code}: Maximum number of allowed metrics exceeded`,
    });
  });

  it('goes on where the next page has the rest', async () => {
    await expect(read(answering([[series(id, 'PartialData')], [series(id, 'Complete')]]))).resolves.toBeDefined();
  });
});

it('metrics fails where one series of a search is a part, whatever the others of the same search are', async () => {
  const pages = [[series('uses', 'PartialData', 'PROD 3'), series('uses', 'Complete', 'PROD 4')]];
  await expect(gatherMetrics(answering(pages), { ...NAMED, since: FROM, until: TO, period: 60 })).rejects.toMatchObject(
    { message: expect.stringContaining('in part') },
  );
});
