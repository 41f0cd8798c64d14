import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { askAgain } from '../../lambda/ask-again';
import { cloudFormationClientConfig } from '../../lambda/aws-client-config';
import { originInStack, wantedForward } from '../../lambda/event-origin';
import { handlePromptAlias } from '../../lambda/prompt-alias/handler';
import { handlePromptVersion } from '../../lambda/prompt-version/handler';
import { CloudFormationStackOperation, type StackOperation } from '../../lambda/stack-operation';
import { event, STACK_ID, variant } from './events';
import { ReleaseWorld } from './release-world';
import { MemoryPrompts } from './stores';

/** What the SDK needs at most to give a question up that nobody answers, with half a second before each repeat. */
const { maxAttempts, requestHandler } = cloudFormationClientConfig;
const HANGING_MS = maxAttempts * (requestHandler.requestTimeout + 500);
/** Lambda ends the handlers of versions and aliases after 180 seconds, and they answer 8 seconds before. */
const IN_TIME_MS = 172_000;

/** CloudFormation that never answers, by a clock that goes on with what is waited for. */
function silence() {
  let now = 0;
  const sleep = async (milliseconds: number) => {
    now += milliseconds;
  };
  const hang = async (): Promise<never> => {
    now += HANGING_MS;
    throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
  };
  const stack: StackOperation = {
    status: hang,
    operation: hang,
    operationTime: hang,
    wanted: hang,
    sincePolicies: hang,
  };
  return { clock: { now: () => now, sleep }, stack, log: () => {}, passed: () => now };
}

describe('where CloudFormation never answers', () => {
  test.each(['Update', 'Delete'] as const)('an alias goes back within its time: %s', async (type) => {
    const world = new ReleaseWorld();
    const one = await world.release('1');
    const two = await world.release('2', one);
    const { passed, ...deps } = silence();
    const sent = event('PromptAlias', type, type === 'Delete' ? two : one, two);

    const told = { store: world.bucket, models: world.models, registry: 'r', gates: '{}', propagationSeconds: 15 };
    await handlePromptAlias(sent, { ...deps, ...told });

    expect(world.chain().records.at(-1)?.to?.version ?? null).toBe(type === 'Delete' ? null : 1);
    expect(passed()).toBeLessThan(IN_TIME_MS);
  });

  test('a version is answered on the way back within its time', async () => {
    const world = new ReleaseWorld();
    const { passed, ...deps } = silence();
    const properties = { ContentDigest: contentDigest(variant('two')), FreeJson: '[1]' };
    const prompts = new MemoryPrompts(variant('two'));
    prompts.add(variant('two'));
    const sent = event('PromptVersion', 'Update', properties, { ContentDigest: contentDigest(variant('one')) });

    expect((await handlePromptVersion(sent, { ...deps, prompts, store: world.bucket, registry: 'r' })).Version).toBe(
      '1',
    );
    expect(passed()).toBeLessThan(IN_TIME_MS);
    expect([prompts.deleted, prompts.rewritten]).toEqual([[], 0]);
  });

  test('whoever asks gives up by the clock', async () => {
    const forward = silence();
    await expect(wantedForward(event('PromptAlias', 'Create', {}), forward)).rejects.toThrow('no answer');
    const back = silence();
    expect(await originInStack(event('PromptAlias', 'Delete', {}), true, back)).toBe('unknown');
    const asked = silence();
    await expect(askAgain(() => asked.stack.status(STACK_ID), asked.clock)).rejects.toThrow('no answer');
    for (const { passed } of [forward, back, asked]) expect(passed()).toBe(HANGING_MS);
  });

  test('a request is given up, not waited for', async () => {
    const server = createServer(() => {}).listen(0);
    const { port } = server.address() as AddressInfo;
    const client = new CloudFormationClient({
      ...cloudFormationClientConfig,
      maxAttempts: 1,
      requestHandler: { ...requestHandler, requestTimeout: 20 },
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await expect(new CloudFormationStackOperation(client).status(STACK_ID)).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
});

describe('a stack that rests', () => {
  test('is looked at again: a read may not see yet that it began', async () => {
    const world = new ReleaseWorld();
    const one = await world.release('1');
    const planned = world.aliasProperties(await world.plan('2'));
    const begun = event('PromptAlias', 'Update', planned, one);
    const late = (status: string, sent: typeof begun) => {
      world.stack.turn('UPDATE_ROLLBACK_COMPLETE');
      let looks = 0;
      world.stack.status = async () => {
        looks += 1;
        if (looks === 2) world.stack.begin(sent);
        return looks < 2 ? 'UPDATE_ROLLBACK_COMPLETE' : status;
      };
    };

    late('UPDATE_IN_PROGRESS', begun);
    expect((await world.send(begun)).Version).toBe('2');
    const back = event('PromptAlias', 'Update', one, planned);
    late('UPDATE_ROLLBACK_IN_PROGRESS', back);
    await world.send(back);
    expect(world.chain().records.map(({ to, undo }) => [to?.version, undo])).toEqual([
      [1, false],
      [2, false],
      [1, true],
    ]);
  });
});
