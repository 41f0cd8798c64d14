import { describe, expect, it, test } from 'vitest';
import type { ConverseRequest, ManagedPrompt } from '../../client';
import { explain } from '../../examples/streaming';
import { textVariant } from './registry-fixture';
import { versionArn } from './registry-server';
import { keyFrom, NAME, RolloutFixture } from './rollout-fixture';

const CANDIDATE = keyFrom(0);
const STABLE = keyFrom(3);

const named = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });

/** A model that fails with version 4. */
const failing = (error: unknown) => async (_: ConverseRequest, prompt: ManagedPrompt) => {
  if (prompt.version === 4) throw error;
  return prompt.version;
};

const run = <R>(
  { registry, prompts }: RolloutFixture,
  call: (request: ConverseRequest, prompt: ManagedPrompt) => Promise<R>,
  targetingKey: string | undefined = CANDIDATE,
  variables: Record<string, string> = { ticker: 'AMZN' },
) => registry.settle(prompts.run(NAME, variables, call, { targetingKey, sessionId: 's' }));

/** Version and error of each call that was measured. */
const measured = ({ registry }: RolloutFixture) =>
  registry.metricLines
    .map((line) => JSON.parse(line))
    .filter(({ Uses }) => Uses)
    .map(({ Version, Errors }) => [Version, Errors]);

describe('A candidate that fails', () => {
  test.each<[string, unknown]>([
    ['Bedrock finds the request wrong', named('ValidationException', { $metadata: { httpStatusCode: 400 } })],
    ['Bedrock fails', named('InternalServerException', { $metadata: { httpStatusCode: 500 } })],
    ['Bedrock has no room', named('ServiceUnavailableException', { $metadata: { httpStatusCode: 503 } })],
    ['the model is not ready', named('ModelNotReadyException', { $metadata: { httpStatusCode: 429 } })],
    ['the model is too slow', named('ModelTimeoutException', { $metadata: { httpStatusCode: 408 } })],
    [
      'the model has ended',
      named('ResourceNotFoundException', { message: 'This model version has reached the end of its life' }),
    ],
    ['the connection is slow', named('TimeoutError')],
    ['the answer is no JSON', new SyntaxError('Unexpected token')],
    ['something is thrown that is no error', 'no'],
    ['nothing is thrown', undefined],
  ])('is replaced by stable in the same call: %s', async (_, error) => {
    const fixture = await RolloutFixture.start();
    expect(await run(fixture, failing(error))).toBe(3);
    expect(measured(fixture)).toEqual([
      ['4', 1],
      ['3', 0],
    ]);
    // The repeat is nobody's first use: stable did not draw this key.
    expect(fixture.firsts).toEqual({ 4: [1, 1] });
    const lines = fixture.registry.uses;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ version: 3, plan: 3, share: 25, error: undefined });
    expect(lines[0]?.candidateError).toBeTruthy();
    // It is tried again: one failure is no halt.
    expect(await run(fixture, async (_request, prompt) => prompt.version)).toBe(4);
  });

  test.each<[string, Error]>([
    ['Bedrock throttles', named('ThrottlingException', { $metadata: { httpStatusCode: 429 } })],
    ['a quota is used up', named('ServiceQuotaExceededException', { $metadata: { httpStatusCode: 400 } })],
    ['another service throttles', named('TooManyRequestsException')],
    ['a server that speaks OpenAI’s API throttles', named('Error', { status: 429 })],
    ['OpenAI’s SDK is throttled', named('RateLimitError', { status: 429 })],
    ['the caller gave up', named('AbortError')],
    ['the caller of OpenAI’s SDK gave up', named('APIUserAbortError')],
    ['the caller of axios gave up', named('CanceledError')],
  ])('is not repeated where %s', async (_, error) => {
    const fixture = await RolloutFixture.start();
    await expect(run(fixture, failing(error))).rejects.toBe(error);
    expect(measured(fixture)).toEqual([['4', 1]]);
    expect(fixture.firsts).toEqual({ 4: [1, 1] });
    expect(fixture.registry.uses).toMatchObject([{ version: 4, error: error.name }]);
  });

  test.each([
    ['after its first words, of which nobody gets two versions', 1, [4]],
    ['before its first words', 0, [4, 3]],
  ])('as a stream that breaks %s', async (_, length, versions) => {
    const { prompts, registry } = await RolloutFixture.start();
    registry.clock.chance = () => 0;
    const asked: number[] = [];
    const stream = async function* (version: number) {
      if (version === 3 || length > 0) yield { contentBlockDelta: { delta: { text: `by ${version}` } } };
      if (version === 4) throw named('ModelStreamErrorException');
    };
    const bedrock = {
      send: async ({ input }: { input: { modelId: string } }) => {
        asked.push(Number(input.modelId.at(-1)));
        return { stream: stream(asked.at(-1) ?? 0) };
      },
    };
    const shown: string[] = [];
    const answer = explain(prompts, bedrock as never, 'AMZN', (text) => shown.push(text));
    await registry.settle(answer.catch(() => undefined));
    expect(asked).toEqual(versions);
    expect(shown).toEqual([`by ${versions.at(-1)}`]);
  });

  it('is replaced by stable where it wants variables that the caller does not give', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.publish(4, textVariant('{{ticker}} in {{region}}', ['ticker', 'region']));
    const candidate = await fixture.registry.settle(fixture.prompts.get(NAME, { targetingKey: CANDIDATE }));
    await fixture.registry.settle(candidate.content());
    expect(await run(fixture, async (_, prompt) => prompt.version)).toBe(3);
    expect(measured(fixture)).toEqual([
      ['4', 1],
      ['3', 0],
    ]);
    expect(fixture.registry.uses).toMatchObject([{ version: 3, candidateError: 'MissingVariable' }]);
  });

  it('leaves the caller’s own mistakes to the caller', async () => {
    const fixture = await RolloutFixture.start();
    for (const version of [3, 4])
      await fixture.registry.settle(
        (
          await fixture.registry.settle(fixture.prompts.get(NAME, { targetingKey: version === 4 ? CANDIDATE : STABLE }))
        ).content(),
      );
    const call = async () => 1;
    await expect(run(fixture, call, CANDIDATE, { tiker: 'AMZN' })).rejects.toMatchObject({ code: 'UnknownVariable' });
  });

  it('and stable as well give the error of stable', async () => {
    const fixture = await RolloutFixture.start();
    const call = async (_: ConverseRequest, { version }: ManagedPrompt) => {
      throw named(`of ${version}`);
    };
    await expect(run(fixture, call)).rejects.toThrow('of 3');
    expect(fixture.registry.uses).toMatchObject([{ version: 3, error: 'of 3', candidateError: 'of 4' }]);
  });

  it('does not keep stable from being asked anew when it was taken away', async () => {
    const fixture = await RolloutFixture.start();
    await run(fixture, async () => 1);
    fixture.registry.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    const denied = named('AccessDeniedException', { message: 'not authorized to perform: bedrock:RenderPrompt' });
    const called: unknown[] = [];
    const call = async (_: ConverseRequest, { version }: ManagedPrompt) => {
      called.push(version);
      if (version !== 2) fixture.registry.pointTo(2);
      if (version === 4) throw named('ValidationException');
      if (version === 3) throw denied;
      return version;
    };
    expect(await run(fixture, call)).toBe(2);
    expect(called).toEqual([4, 3, 2]);
  });
});

test('A candidate that fails every call costs no caller of run an error', async () => {
  const fixture = await RolloutFixture.start();
  let failures = 0;
  const call = async (_: ConverseRequest, prompt: ManagedPrompt) => {
    if (prompt.version !== 4) return 'answered';
    failures++;
    throw named(
      ['ValidationException', 'InternalServerException', 'AccessDeniedException', 'Error'][failures % 4] ?? '',
    );
  };
  const answers: string[] = [];
  for (let n = 0; n < 400; n++) answers.push(await run(fixture, call, `k${n}`));
  expect(answers.filter((answer) => answer === 'answered')).toHaveLength(400);
  expect(failures).toBeGreaterThan(80);
  expect(fixture.firsts).toEqual({ 3: [400 - failures, 0], 4: [failures, failures] });
});

describe('A candidate that Bedrock refuses', () => {
  const denied = named('AccessDeniedException', {
    message: 'User is not authorized to perform: bedrock:RenderPrompt on resource: prompt',
  });

  it('is dropped for the plan in this process, and refuses nothing that is stable', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.server.refusals.set('ABCDEFGHIJ:4', 'AccessDeniedException');
    expect(await run(fixture, failing(denied))).toBe(3);
    expect(fixture.registry.uses).toMatchObject([{ version: 3, candidateError: 'VersionRefused' }]);
    const other = await fixture.version('user-x'.repeat(3));
    expect(other).toBe(3);

    // From now on nobody calls it; who would have got it counts as failed, so that the controller sees it.
    let calls = 0;
    for (let n = 0; n < 40; n++) {
      const version = await run(fixture, async (_, prompt) => prompt.version, `k${n}`);
      if (version === 4) calls++;
    }
    expect(calls).toBe(0);
    const [uses, errors] = fixture.firsts['4'] ?? [];
    expect(uses).toBeGreaterThan(5);
    expect(errors).toBe(uses);
    expect(fixture.firsts['3']?.[1]).toBe(0);
    expect(await fixture.version(STABLE)).toBe(3);

    // Another plan tries again.
    fixture.registry.server.refusals.clear();
    fixture.declare({ plan: 7 });
    fixture.progress({ plan: 7 });
    await fixture.nextRefresh();
    expect(await fixture.version(CANDIDATE)).toBe(4);
  });

  it('is dropped as well where its content is read', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.server.refusals.set('ABCDEFGHIJ:4', 'ResourceNotFoundException');
    const compiled = run(fixture, async (_, prompt) => prompt.compile({ ticker: 'AMZN' }));
    expect(await compiled).toBe('Analyse AMZN now');
    expect(await fixture.version(CANDIDATE)).toBe(3);
    expect(await fixture.version(STABLE)).toBe(3);
  });
});

describe('First uses', () => {
  it('are counted once for a key and version, while both are served', async () => {
    const fixture = await RolloutFixture.start();
    const ok = async () => 1;
    for (const key of [CANDIDATE, STABLE, CANDIDATE, STABLE]) await run(fixture, ok, key);
    await expect(run(fixture, async () => Promise.reject(named('X')), STABLE)).rejects.toThrow('X');
    expect(fixture.firsts).toEqual({ 3: [1, 0], 4: [1, 0] });
    fixture.halt();
    await fixture.nextRefresh();
    await run(fixture, ok, 'another');
    expect(fixture.firsts).toEqual({ 3: [1, 0], 4: [1, 0] });
  });

  it('are counted anew in each step, of both versions: those who come to the candidate then are not set against late-comers', async () => {
    const fixture = await RolloutFixture.start();
    const ok = async () => 1;
    for (const key of [CANDIDATE, STABLE, CANDIDATE, STABLE]) await run(fixture, ok, key);
    fixture.progress({ step: 2 });
    await fixture.nextRefresh();
    for (const key of [CANDIDATE, STABLE, CANDIDATE, STABLE]) await run(fixture, ok, key);
    expect(fixture.firsts).toEqual({ 3: [2, 0], 4: [2, 0] });
  });

  it('are counted anew in the next plan, which is remembered in the room of the last one', async () => {
    const fixture = await RolloutFixture.start();
    const drawn = async () => (await fixture.prompts.get(NAME, { targetingKey: CANDIDATE })).drawn;
    const ok = async () => 1;
    await run(fixture, ok, CANDIDATE);
    const before = await drawn();
    fixture.declare({ plan: 4 });
    fixture.progress({ plan: 4 });
    await fixture.nextRefresh();
    for (const key of [CANDIDATE, CANDIDATE]) await run(fixture, ok, key);
    expect(fixture.firsts).toEqual({ 4: [2, 0] });
    const after = await drawn();
    expect([before?.plan, after?.plan]).toEqual([3, 4]);
    expect(after?.firsts).toBe(before?.firsts);
  });

  it('have the dimensions of the other metrics, and no key', async () => {
    const fixture = await RolloutFixture.start();
    await run(fixture, async () => 1);
    const line = fixture.registry.metricLines.find((text) => text.includes('FirstUses'));
    expect(JSON.parse(line ?? '')).toEqual({
      _aws: {
        Timestamp: fixture.registry.clock.wall(),
        CloudWatchMetrics: [
          {
            Namespace: 'PromptRegistry',
            Dimensions: [['Registry', 'Prompt', 'Alias', 'Version']],
            Metrics: [
              { Name: 'FirstUses', Unit: 'Count' },
              { Name: 'FirstErrors', Unit: 'Count' },
              { Name: 'FirstLatency', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      Registry: '/prompts/prod',
      Prompt: NAME,
      Alias: 'PROD',
      Version: '4',
      FirstUses: 1,
      FirstErrors: 0,
      FirstLatency: 0,
    });
  });

  it('have a time where they were answered, by the version that it is counted for, and none where they failed', async () => {
    const fixture = await RolloutFixture.start();
    const times = () =>
      fixture.registry.metricLines
        .map((line) => JSON.parse(line))
        .filter(({ FirstUses }) => FirstUses)
        .map(({ Version, FirstErrors, FirstLatency }) => [Version, FirstErrors, FirstLatency]);
    const taking = (milliseconds: number) => async (_: ConverseRequest, prompt: ManagedPrompt) => {
      fixture.registry.clock.time += milliseconds;
      return failing(named('ValidationException'))(_, prompt);
    };
    expect(await run(fixture, taking(70), STABLE)).toBe(3);
    expect(await run(fixture, taking(0), CANDIDATE)).toBe(3);
    const denied = named('AccessDeniedException', { message: 'not authorized to perform: bedrock:RenderPrompt' });
    fixture.registry.server.refusals.set('ABCDEFGHIJ:4', 'AccessDeniedException');
    await run(fixture, failing(denied), CANDIDATE);
    // Refused: stable answers at once, which says nothing of the candidate.
    for (let n = 0; n < 20; n++) await run(fixture, async (_, prompt) => prompt.version, `k${n}`);
    const [answered, failed, ...later] = times();
    expect([answered, failed]).toEqual([
      ['3', 0, 70],
      ['4', 1, undefined],
    ]);
    const refused = later.filter(([version]) => version === '4');
    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(one).toEqual(['4', 1, undefined]);
  });

  it('are all calls where nobody has a key', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.clock.chance = () => 0.9;
    const call = () => fixture.registry.settle(fixture.prompts.run(NAME, { ticker: 'A' }, async () => 1));
    for (let n = 0; n < 3; n++) await call();
    expect(fixture.firsts).toEqual({ 3: [3, 0] });
  });

  it('are not there where no rollout is under way', async () => {
    const fixture = await RolloutFixture.start();
    fixture.declare('none');
    await run(fixture, async () => 1);
    expect(fixture.firsts).toEqual({});
    expect(fixture.registry.uses[0]).not.toHaveProperty('plan');
  });
});

describe('What is written of a use', () => {
  it('names plan, share and a hash of the key, and never the key', async () => {
    const fixture = await RolloutFixture.start();
    const request = await run(fixture, async (sent) => sent, CANDIDATE);
    const use = { plan: 3, share: 25, key: expect.stringMatching(/^[0-9a-f]{16}$/), version: 4, sessionId: 's' };
    expect(fixture.registry.uses).toMatchObject([use]);
    expect(request.requestMetadata).toMatchObject({ plan: '3', share: '25', key: use.key, version: '4' });
    expect(JSON.stringify([request, fixture.registry.uses, fixture.registry.metricLines])).not.toContain(CANDIDATE);
    const prompt = await fixture.prompts.get(NAME, { targetingKey: STABLE });
    prompt.converse({ ticker: 'A' });
    expect(fixture.registry.uses.at(-1)).toMatchObject({ operation: 'converse', plan: 3, version: 3 });
  });

  it('has the session that get was given', async () => {
    const fixture = await RolloutFixture.start();
    const prompt = await fixture.registry.settle(fixture.prompts.get(NAME, { sessionId: 'mine' }));
    prompt.converse({ ticker: 'A' });
    prompt.converse({ ticker: 'A' }, { sessionId: 'other' });
    expect(fixture.registry.uses.map(({ sessionId }) => sessionId)).toEqual(['mine', 'other']);
  });
});

describe('An exposure', () => {
  it('names the use of a version, stays the same for it, and differs from that of the next', async () => {
    const fixture = await RolloutFixture.start();
    let chance = 0;
    fixture.registry.clock.chance = () => chance;
    const prompt = await fixture.registry.settle(fixture.prompts.get(NAME, { targetingKey: CANDIDATE }));
    expect(prompt.exposure).toBe(`x1.3.4.000000.PROD.${NAME}`);
    chance = 0.999999999999;
    expect(prompt.exposure).toBe(`x1.3.4.000000.PROD.${NAME}`);
    const next = await fixture.prompts.get(NAME, { targetingKey: STABLE });
    expect(next.exposure).toBe(`x1.3.3.zzzzzz.PROD.${NAME}`);
  });

  it('is not there for stable in place of a candidate that failed', async () => {
    const fixture = await RolloutFixture.start();
    const seen: unknown[] = [];
    const call = async (_: ConverseRequest, prompt: ManagedPrompt) => {
      seen.push(prompt.exposure && versionArn(prompt.version ?? 0));
      if (prompt.version === 4) throw named('ValidationException');
    };
    await run(fixture, call);
    expect(seen).toEqual([versionArn(4), undefined]);
  });
});
