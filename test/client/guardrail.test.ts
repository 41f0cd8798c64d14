import { beforeEach, describe, expect, it } from 'vitest';
import type { ConverseRequest, ManagedPrompt } from '../../client';
import { PARAMETER, RegistryFixture, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';

const NAME = 'financial-analysis';
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl';
const config = (guardrailVersion: string) => ({ guardrailIdentifier: ARN, guardrailVersion });
const ticker = { ticker: 'AMZN' };
const PROD = { alias: 'PROD' };

let fixture: RegistryFixture;
beforeEach(async () => {
  fixture = await RegistryFixture.start();
});

const tell = (value: string | undefined) => {
  if (value === undefined) fixture.server.parameters.delete(`${PARAMETER}/guardrail`);
  else fixture.server.parameters.set(`${PARAMETER}/guardrail`, value);
};
const denied = (right = 'InvokeModel') =>
  Object.assign(new Error(`User: arn:… is not authorized to perform: bedrock:${right} on resource: arn:…`), {
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 403 },
  });
/** A model whose callers must name this version; each request that came. */
function model(accepted: () => string | undefined, error: () => Error = denied) {
  const requests: ConverseRequest[] = [];
  const call = async (request: ConverseRequest, _: ManagedPrompt) => {
    requests.push(request);
    if (request.guardrailConfig?.guardrailVersion !== accepted()) throw error();
    return 'answer';
  };
  return { requests, call };
}

describe('The guardrail that an alias asks for', () => {
  it('stands in the request, and is found in the one question for the alias', async () => {
    tell(`${ARN}:3`);
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(prompt.guardrail).toEqual(config('3'));
    expect(prompt.converse(ticker)).toMatchObject({ modelId: versionArn(3), guardrailConfig: config('3') });
    expect(fixture.requests()).toBe(1);
  });

  it.each([undefined, 'none', '', ARN, `${ARN}:DRAFT`, versionArn(3), 'abcdefghijkl:3'])(
    'is none where the parameter says %s',
    async (value) => {
      tell(value);
      const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
      expect(prompt.guardrail).toBeUndefined();
      expect(prompt.converse(ticker)).not.toHaveProperty('guardrailConfig');
    },
  );

  it('is none for a role whose policy lets it read the alias alone', async () => {
    tell(`${ARN}:3`);
    fixture.server.readable = (name) => name === PARAMETER;
    expect((await fixture.settle(fixture.client().get(NAME, PROD))).guardrail).toBeUndefined();
  });

  it('is another one after the time to live, without a release', async () => {
    tell(`${ARN}:3`);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    tell(`${ARN}:4`);
    await fixture.pass(61_000);
    await fixture.settle(prompts.get(NAME, PROD));
    await fixture.quiet();
    expect((await fixture.settle(prompts.get(NAME, PROD))).guardrail).toEqual(config('4'));
  });

  it('is kept while SSM is away, and comes from a snapshot at the start', async () => {
    tell(`${ARN}:3`);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    fixture.server.behaviour = '500';
    await fixture.pass(120_000);
    const stale = await fixture.settle(prompts.get(NAME, PROD));
    expect([stale.source, stale.guardrail]).toEqual(['stale', config('3')]);
    const snapshot = {
      ...{ schema: 1, parameterPrefix: '/prompts/prod', time: '2026-11-01T00:00:00Z', versions: {} },
      aliases: { [`${NAME}/PROD`]: versionArn(3) },
      guardrails: { [`${NAME}/PROD`]: `${ARN}:2` },
    };
    const cold = await fixture.settle(fixture.client({ snapshot }).get(NAME, PROD));
    expect([cold.source, cold.guardrail]).toEqual(['snapshot', config('2')]);
  });

  it('is asked of a fallback too, whose model is one of the alias’s', async () => {
    tell(`${ARN}:3`);
    const prompts = fixture.client({ maxStale: 60_000 });
    await fixture.settle(prompts.get(NAME, PROD));
    fixture.server.behaviour = '500';
    await fixture.pass(120_000);
    const fallback = textVariant();
    const prompt = await fixture.settle(prompts.get(NAME, { ...PROD, fallback }));
    expect([prompt.source, prompt.converse(ticker).guardrailConfig]).toEqual(['fallback', config('3')]);
  });
});

describe('A call that is denied', () => {
  const run = (call: ReturnType<typeof model>['call'], prompts = fixture.client(), options = {}) =>
    fixture.settle(prompts.run(NAME, ticker, call, { ...PROD, ...options }));

  it('is repeated with the guardrail that came with the policy to read it, while the process ran', async () => {
    fixture.server.readable = (name) => name === PARAMETER;
    const prompts = fixture.client();
    const { requests, call } = model(() => (fixture.server.readable(`${PARAMETER}/guardrail`) ? '4' : undefined));
    await run(call, prompts);
    tell(`${ARN}:4`);
    fixture.server.readable = () => true;
    await fixture.pass(2_000);
    expect(await run(call, prompts)).toBe('answer');
    await fixture.pass(120_000);
    await run(call, prompts);
    expect(requests.map(({ guardrailConfig }) => guardrailConfig?.guardrailVersion)).toEqual([
      ...[undefined, undefined, '4', '4'],
    ]);
  });

  it.each([
    ['is under way', true],
    ['came just now', false],
  ])('is repeated with it also where an answer of the alias alone %s', async (_, isUnderWay) => {
    fixture.server.readable = (name) => name === PARAMETER;
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    tell(`${ARN}:4`);
    fixture.server.readable = () => true;
    fixture.server.behaviour = 'hang';
    await fixture.pass(60_500);
    const prompt = await fixture.settle(prompts.get(NAME, PROD));
    expect([prompt.guardrail, fixture.server.waiting]).toEqual([undefined, 1]);
    const { call, requests } = model(() => '4');
    const arrive = async () => {
      fixture.server.behaviour = 'up';
      fixture.server.release();
      await fixture.quiet();
    };
    if (!isUnderWay) await arrive();
    const answers = Promise.all(
      Array.from({ length: 5 }, () =>
        prompts.run(
          NAME,
          ticker,
          async (request, one) => {
            await fixture.quiet();
            return call(request, one);
          },
          PROD,
        ),
      ),
    );
    if (isUnderWay) {
      while (requests.length < 5) await new Promise((resolve) => setImmediate(resolve));
      await arrive();
    }
    expect(await fixture.settle(answers)).toEqual(Array(5).fill('answer'));
    expect(requests).toHaveLength(10);
    // All and alone at the start, alone after the time to live, all of it once for the five.
    expect(fixture.requests()).toBe(4);
  });

  it.each([
    ['another version', `${ARN}:3`, `${ARN}:4`, '4'],
    ['one where there was none', undefined, `${ARN}:4`, '4'],
    ['none where there was one', `${ARN}:3`, undefined, undefined],
  ])('is repeated once where the alias asks for %s now', async (_, before, after, accepted) => {
    tell(before);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    tell(after);
    await fixture.pass(2_000);
    const { call, requests } = model(() => accepted);
    expect(await run(call, prompts)).toBe('answer');
    expect(requests.map(({ guardrailConfig }) => guardrailConfig?.guardrailVersion)).toEqual([
      before?.at(-1),
      accepted,
    ]);
    expect(fixture.uses.at(-1)).toMatchObject({ version: 3, error: undefined });
    expect(fixture.requests()).toBe(2);
  });

  it.each([
    ['ApplyGuardrail', () => denied('ApplyGuardrail')],
    [
      'a version that was deleted',
      () =>
        Object.assign(new Error('The guardrail identifier or version provided in the request does not exist.'), {
          name: 'ValidationException',
        }),
    ],
  ])('is repeated for %s as well', async (_, error) => {
    tell(`${ARN}:3`);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    tell(`${ARN}:4`);
    await fixture.pass(2_000);
    expect(await run(model(() => '4', error).call, prompts)).toBe('answer');
  });

  it('is no reason to call twice where the alias asks for the same still, nor to ask SSM more than once a second', async () => {
    tell(`${ARN}:3`);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    await fixture.pass(2_000);
    const { call, requests } = model(() => '9');
    for (let time = 0; time < 5; time++)
      await expect(run(call, prompts)).rejects.toMatchObject({ code: 'ModelNotEnabled' });
    expect(requests).toHaveLength(5);
    expect(fixture.requests()).toBe(2);
  });

  it('is repeated once and no more', async () => {
    tell(`${ARN}:3`);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    tell(`${ARN}:4`);
    await fixture.pass(2_000);
    const { call, requests } = model(() => '9');
    await expect(run(call, prompts)).rejects.toMatchObject({ code: 'ModelNotEnabled' });
    expect(requests).toHaveLength(2);
  });

  it('goes on to the fallback where nothing else is asked for', async () => {
    tell(`${ARN}:3`);
    const { call, requests } = model(() => '9');
    await expect(run(call, fixture.client(), { fallback: textVariant() })).rejects.toThrow('not authorized');
    expect(requests.map(({ modelId, guardrailConfig }) => [modelId, guardrailConfig])).toEqual([
      [versionArn(3), config('3')],
      ['amazon.nova-pro-v1:0', config('3')],
    ]);
  });

  it('does not wait for SSM where that is away', async () => {
    tell(`${ARN}:3`);
    const prompts = fixture.client();
    await fixture.settle(prompts.get(NAME, PROD));
    fixture.server.behaviour = '500';
    await fixture.pass(61_000);
    const { call } = model(() => '9');
    await expect(run(call, prompts)).rejects.toBeDefined();
    const asked = fixture.requests();
    for (let time = 0; time < 3; time++) await expect(run(call, prompts)).rejects.toBeDefined();
    expect(fixture.requests()).toBe(asked);
  });
});
