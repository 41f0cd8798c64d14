import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ARN, type ServedLambda, serveLambda } from './serve-lambda';

let served: ServedLambda;
let client: sdk.LambdaClient;
let create: ServedLambda['create'];
let events: ServedLambda['events'];
let scratch: string;

beforeEach(async () => {
  served = await serveLambda();
  ({ client, create, events, scratch } = served);
});
afterEach(() => served.stop());

const send = (event: object) =>
  client.send(
    new sdk.InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event', Payload: JSON.stringify(event) }),
  );
/** Adds a line to a file and fails until the file has `until` lines. */
const failing = `const fs = require('node:fs');
  exports.handler = async ({ file, until }, { awsRequestId }) => {
    fs.appendFileSync(file, awsRequestId + '\\n');
    const lines = fs.readFileSync(file, 'utf8').split('\\n').length - 1;
    if (lines < until) throw new RangeError('only ' + lines);
  };`;
const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);

describe('An event', () => {
  const settle = (config: Omit<sdk.PutFunctionEventInvokeConfigCommandInput, 'FunctionName'>) =>
    client.send(new sdk.PutFunctionEventInvokeConfigCommand({ FunctionName: 'worker', ...config }));

  test('is accepted at once and tried again after a function error, with the same request id', async () => {
    await create(failing);
    const file = join(scratch, 'attempts');
    expect(await send({ file, until: 3 })).toMatchObject({ StatusCode: 202 });
    await expect.poll(() => linesOf(file).length, { timeout: 10_000 }).toBe(3);
    expect(new Set(linesOf(file)).size).toBe(1);
    expect(events.dropped).toEqual([]);
  });

  test('is dropped after the last attempt', async () => {
    await create(failing);
    const file = join(scratch, 'attempts');
    await settle({ MaximumRetryAttempts: 1 });
    await send({ file, until: 9 });
    await expect.poll(() => events.dropped, { timeout: 10_000 }).toHaveLength(1);
    expect(linesOf(file)).toHaveLength(2);
    expect(events.dropped[0]).toMatchObject({ functionArn: ARN, reason: 'RetriesExhausted' });
    expect(events.dropped[0]?.error).toContain('only 2');
    expect(events.dropped[0]?.log).toContain('only 2');
  });

  test('that grew too old is dropped before it starts again', async () => {
    await create(`${failing}; const inner = exports.handler;
      exports.handler = async (event, context) => {
        await inner(event, context).finally(async () => {
          while (!fs.existsSync(event.go)) await new Promise((resolve) => setTimeout(resolve, 5));
        });
      };`);
    await settle({ MaximumEventAgeInSeconds: 60 });
    const file = join(scratch, 'attempts');
    const go = join(scratch, 'go');
    await send({ file, go, until: 9 });
    await expect.poll(() => readdirSync(scratch)).toContain('attempts');
    served.clock.time = new Date(served.clock.time.getTime() + 61_000);
    writeFileSync(go, '');
    await expect.poll(() => events.dropped).toMatchObject([{ reason: 'EventAgeExceeded' }]);
    expect(linesOf(file)).toHaveLength(1);
  });

  test('waits where all of what is reserved for its function runs already, and runs at no time beside it', async () => {
    await create(`const fs = require('node:fs');
      exports.handler = async ({ file, go }) => {
        fs.appendFileSync(file, 'begins\\n');
        while (!fs.existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 5));
        fs.appendFileSync(file, 'ends\\n');
      };`);
    const reserve = (ReservedConcurrentExecutions: number) =>
      client.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'worker', ReservedConcurrentExecutions }));
    const [file, go] = [join(scratch, 'log'), join(scratch, 'go')];
    await reserve(0);
    await send({ file, go });
    await send({ file, go });
    await expect.poll(() => served.functions.get(ARN).reserved.throttled).toBeGreaterThan(1);
    expect(readdirSync(scratch)).not.toContain('log');
    await reserve(1);
    await expect.poll(() => readdirSync(scratch), { timeout: 10_000 }).toContain('log');
    const before = served.functions.get(ARN).reserved.throttled;
    await expect.poll(() => served.functions.get(ARN).reserved.throttled, { timeout: 10_000 }).toBeGreaterThan(before);
    writeFileSync(go, '');
    await expect.poll(() => linesOf(file), { timeout: 10_000 }).toEqual(['begins', 'ends', 'begins', 'ends']);
  });

  test('has settings that can be read, changed in part and removed', async () => {
    await create('');
    const FunctionName = 'worker';
    const read = () => client.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName }));
    await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await settle({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    await client.send(new sdk.UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }));
    expect(await read()).toMatchObject({ MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 });
    await expect(settle({ MaximumRetryAttempts: 3 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(settle({ MaximumEventAgeInSeconds: 59 })).rejects.toMatchObject({ name: 'ValidationException' });
    await client.send(new sdk.DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
