import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parameter, StackBench } from './stack-bench';

let bench: StackBench;
beforeAll(async () => {
  bench = await StackBench.start();
});
afterAll(() => bench.aws.stop());

/** A stack of its own for each test. */
let count = 0;
async function deploy(...templates: Parameters<StackBench['deploy']>[0][]) {
  count += 1;
  bench.stackName = `Bench${count}`;
  bench.handed();
  let stack = await bench.deploy(templates[0] ?? {});
  for (const template of templates.slice(1)) {
    stack = await bench.deploy(template);
  }
  return stack;
}

async function reasonOf(logicalId: string): Promise<string | undefined> {
  const failed = (await bench.events()).find(
    (event) => event.LogicalResourceId === logicalId && event.ResourceStatus?.endsWith('_FAILED'),
  );
  return failed?.ResourceStatusReason;
}

describe('the event of a custom resource', () => {
  it('has all scalars as text, also inside lists and objects', async () => {
    await deploy({ Thing: bench.custom({ Count: 3, Ready: true, Deep: { List: [1, 'two', false] } }) });

    const [event] = bench.handed();

    expect(event).toMatchObject({ RequestType: 'Create', ResourceType: 'Custom::Thing', LogicalResourceId: 'Thing' });
    expect(event).not.toHaveProperty('PhysicalResourceId');
    expect(event?.ResourceProperties).toEqual({
      ServiceToken: bench.functionArn,
      ...{ Count: '3', Ready: 'true', Deep: { List: ['1', 'two', 'false'] } },
    });
  });

  it('is not sent when no resolved property changed', async () => {
    const reader = (value: string) => ({ Source: parameter(value), Thing: bench.custom({ Name: { Ref: 'Source' } }) });
    await deploy(reader('one'), reader('two'));
    expect(bench.handed().map(({ RequestType }) => RequestType)).toEqual(['Create']);
  });

  it('carries the old properties and the physical id on an update', async () => {
    await deploy({ Thing: bench.custom({ Value: 1 }) }, { Thing: bench.custom({ Value: 2 }) });
    const [, update] = bench.handed();
    expect(update).toMatchObject({
      ...{ RequestType: 'Update', PhysicalResourceId: 'made' },
      ...{ ResourceProperties: { Value: '2' }, OldResourceProperties: { Value: '1' } },
    });
  });

  it('asks for the deletion of the old one, last, when an update answers with another physical id', async () => {
    const thing = (Value: string) => bench.custom({ Value, Answer: { PhysicalResourceId: `thing-${Value}` } });
    await deploy({ Thing: thing('a') }, { Thing: thing('b') });

    expect(bench.handed().map((event) => [event.RequestType, event.PhysicalResourceId])).toEqual([
      ['Create', undefined],
      ['Update', 'thing-a'],
      ['Delete', 'thing-a'],
    ]);
    expect((await bench.story()).slice(-4)).toEqual([
      `${bench.stackName} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`,
      'Thing DELETE_IN_PROGRESS',
      'Thing DELETE_COMPLETE',
      `${bench.stackName} UPDATE_COMPLETE`,
    ]);
  });

  it('of a deletion whose handler fails in a cleanup leaves the update successful', async () => {
    const stack = await deploy(
      { Kept: parameter('x'), Thing: bench.custom({ FailOn: 'Delete' }) },
      { Kept: parameter('x') },
    );
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(await bench.story()).toContain('Thing DELETE_FAILED');
  });
});

describe('an answer is refused', () => {
  it.each([
    [
      'that says FAILED',
      { FailOn: 'Create' },
      /Received response status \[FAILED\] from custom resource\. Message returned: told to/,
    ],
    ['without a physical id', { Answer: { PhysicalResourceId: '' } }, /^Invalid PhysicalResourceId$/],
    ['over 4,096 bytes', { Answer: { Data: { Text: 'x'.repeat(4096) } } }, /^Response object is too long\.$/],
    ['to another request', { Answer: { RequestId: 'other' } }, /RequestId is not the request's/],
    ['without a status', { Answer: { Status: '' } }, /doesn't contain Status key/],
    [
      'that does not come in time',
      { SilentOn: 'Create', ServiceTimeout: 1 },
      /did not receive a response from your Custom Resource/,
    ],
  ])('%s', async (_, properties, reason) => {
    const stack = await deploy({ Thing: bench.custom(properties) });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasonOf('Thing')).toMatch(reason);
  });
});

it('may not move to another handler', async () => {
  const moved = { Type: 'Custom::Thing', Properties: { ServiceToken: `${bench.functionArn}2` } };
  const stack = await deploy({ Thing: bench.custom() }, { Thing: moved });
  expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await reasonOf('Thing')).toBe('Modifying service token is not allowed.');
});

it('gives its data as attributes, and an attribute that it lacks fails its reader', async () => {
  const reader = (name: string) => parameter({ 'Fn::GetAtt': ['Thing', name] });
  const stack = await deploy({ Thing: bench.custom({ Value: 'x' }), Reader: reader('Missing') });
  expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(await reasonOf('Reader')).toBe("Attribute 'Missing' does not exist on Thing");
});
