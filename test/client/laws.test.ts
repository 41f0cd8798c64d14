import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptClient, RegistryError, type SdkClient } from '../../client';
import { FakeClock } from './fake-clock';
import { versionArn } from './registry-server';

const TTL = 60_000;
const MAX_STALE = 900_000;

type World = 'up' | 'down' | 'silent' | 'none' | 'forbidden';

/** SSM in fake time, without a wire: these tests need thousands of clients. It knows when it last said what. */
class SimulatedSsm implements SdkClient {
  world: World = 'up';
  version = 3;
  asked = 0;

  constructor(
    private readonly clock: FakeClock,
    private readonly latency: () => number,
  ) {}

  send(command: object): Promise<unknown> {
    this.asked++;
    const { Names = [] } = (command as { input: { Names?: string[] } }).input;
    return new Promise((resolve, reject) => {
      if (this.world === 'silent') return;
      // SSM decides when the question arrives; the answer still has to travel.
      const { world, version } = this;
      const answer = () => {
        const fail = (name: string, httpStatusCode: number) =>
          reject(Object.assign(new Error(name), { name, $metadata: { httpStatusCode } }));
        if (world === 'down') fail('InternalServerError', 500);
        else if (world === 'forbidden') fail('AccessDeniedException', 400);
        else {
          const [Name, ...InvalidParameters] = Names;
          resolve({
            Parameters: [{ Name, Value: world === 'none' ? 'none' : versionArn(version) }],
            InvalidParameters,
          });
        }
      };
      this.clock.setTimeout(answer, this.latency());
    });
  }
}

/** Lets promises run; there is no wire, so nothing but time and microtasks can go on. */
async function quiet(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function until(clock: FakeClock, end: number): Promise<void> {
  for (let due = clock.nextDue; due !== undefined && due <= end; due = clock.nextDue) {
    clock.fireNext();
    await quiet();
  }
  clock.time = Math.max(clock.time, end);
}

/** Bedrock, asked about a version: refuses those that were withdrawn. */
const bedrock = (isWithdrawn: () => boolean): SdkClient => ({
  send: async () => {
    if (isWithdrawn()) throw denied();
    return { variants: [{ templateType: 'TEXT', templateConfiguration: { text: { text: 'Hi' } } }] };
  },
});

const denied = () =>
  Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });

const client = (clock: FakeClock, ssm: SdkClient, bedrockAgent?: SdkClient) =>
  new PromptClient({
    bedrockAgent,
    parameterPrefix: '/p',
    alias: 'PROD',
    clock,
    ssm,
    logger: false,
    metrics: false,
    ttl: TTL,
    maxStale: MAX_STALE,
  });

describe('never older than maxStale, never one that was refused', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('get' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 1, max: 400_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('world' as const),
        world: fc.constantFrom<World>('up', 'down', 'silent', 'none', 'forbidden'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), version: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('foreign' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lie' as const), time: fc.integer({ min: 1, max: 2e6 }) }) },
  );

  it('holds for any order of calls, faults, moves, refusals and clock jumps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, wallLies) => {
        const clock = new FakeClock();
        const ssm = new SimulatedSsm(clock, () => 20);
        let isWithdrawn = false;
        const agent = bedrock(() => isWithdrawn);
        const prompts = client(clock, ssm, agent);
        /** Version → the last moment at which SSM would have named it. */
        const named = new Map<number, number>();
        /** Version → when Bedrock refused it. */
        const refused = new Map<number, number>();
        /** Told once, it stands until SSM names a version again. */
        let isRefused = false;
        const note = () => {
          if (ssm.world === 'up') named.set(ssm.version, clock.time);
        };
        const run = () =>
          prompts
            .run('p', {}, async ({ modelId }, prompt) => {
              const version = prompt.version as number;
              expect(clock.time - (named.get(version) ?? Number.NEGATIVE_INFINITY)).toBeLessThan(MAX_STALE);
              expect(clock.time - (refused.get(version) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(TTL);
              expect(isRefused).toBe(false);
              for (const other of refused.keys()) if (other !== version) refused.delete(other);
              return modelId;
            })
            .catch((error) => {
              if (!(error instanceof RegistryError)) throw error;
              isRefused = ['AliasIsNone', 'AccessDenied'].includes(error.code);
            });
        for (const it of steps) {
          note();
          if (it.do === 'pass') await until(clock, clock.time + it.time);
          else if (it.do === 'world') ssm.world = it.world;
          else if (it.do === 'move') ssm.version = it.version;
          else if (it.do === 'lie') {
            // One clock lies, the other tells: of both at once no process could know.
            if (wallLies) clock.wallJump -= it.time;
            else {
              clock.time += it.time;
              clock.frozen += it.time;
            }
          } else if (it.do === 'refuse' || it.do === 'foreign') {
            isWithdrawn = it.do === 'refuse';
            const called: number[] = [];
            const thrown = denied();
            await settle(clock, () =>
              prompts
                .run('p', {}, async (_request, prompt) => {
                  called.push(prompt.version as number);
                  throw thrown;
                })
                .catch((error) => {
                  // A foreign error passes as it is. So does a refusal where Bedrock was asked too often to ask again.
                  // An alias that moved on from a refused version may come back to it at once.
                  if (error !== thrown) {
                    refused.clear();
                    for (const version of called.slice(-1)) refused.set(version, clock.time);
                  }
                  expect(it.do === 'foreign' && error.code === 'VersionRefused' && called.length > 0).toBe(false);
                }),
            );
          } else {
            if (ssm.world === 'up') isRefused = false;
            await settle(clock, run);
          }
          note();
        }
      }),
      { numRuns: Number(process.env.LAWS ?? 300) },
    );
  });
});

async function settle(clock: FakeClock, start: () => Promise<unknown>): Promise<void> {
  let isSettled = false;
  const promise = start().finally(() => {
    isSettled = true;
  });
  await quiet();
  while (!isSettled) {
    clock.fireNext();
    await quiet();
  }
  await promise;
}

describe('how soon a refusal reaches 100 processes', () => {
  it.each(['none', 'forbidden'] as const)('%s: within the time to live and a second, busy or idle', async (refusal) => {
    const clock = new FakeClock();
    const random = seeded(7);
    clock.chance = random;
    const ssm = new SimulatedSsm(clock, () => 20 + random() * 480);
    const refusedAt = 10 * TTL;
    const lastServed = new Array<number>(100).fill(0);
    const stop = refusedAt + 20 * TTL;
    // From a call every 50 ms to one in five minutes.
    const processes = lastServed.map((_, index) => ({
      prompts: client(clock, ssm),
      every: 50 * 6_000 ** (index / 99),
      next: random() * TTL,
    }));
    clock.setTimeout(() => {
      ssm.world = refusal;
    }, refusedAt);
    while (clock.time < stop) {
      const index = processes.reduce(
        (least, { next }, at) => (next < (processes[least]?.next as number) ? at : least),
        0,
      );
      const process = processes[index] as (typeof processes)[number];
      await until(clock, process.next);
      process.next += process.every * (0.5 + random());
      // A busy process between refreshes proves nothing: look closely around the refusal only.
      if (process.every < 1_000 && Math.abs(clock.time - refusedAt - TTL) > 5_000) process.next += 1_000;
      void process.prompts.get('p').then(
        () => {
          lastServed[index] = clock.time;
        },
        () => undefined,
      );
      await quiet();
    }
    const reach = lastServed.map((time) => Math.max(0, time - refusedAt)).sort((a, b) => a - b);
    expect(reach[49]).toBeGreaterThan(0);
    expect(reach[98]).toBeLessThanOrEqual(TTL + 1_000);
    expect(reach[99]).toBeLessThanOrEqual(TTL + 1_000);
  });
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
