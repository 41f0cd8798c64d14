import { describe, expect, it } from 'vitest';
import { PromptClient, type PromptFallback, RegistryError } from '../../client';
import { DIGEST, RegistryFixture, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';

const PROD = { alias: 'PROD' };
const NAME = 'financial-analysis';

function bedrockError(name: string, message = name): Error {
  const httpStatusCode = name.startsWith('Access') ? 403 : name.startsWith('Resource') ? 404 : 400;
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe('Method: converse', () => {
  it('needs one request, to SSM, and gives Converse all it wants', async () => {
    const fixture = await RegistryFixture.start();
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(prompt.converse({ ticker: 'AMZN' }, { sessionId: 'session-1' })).toEqual({
      modelId: versionArn(3),
      promptVariables: { ticker: { text: 'AMZN' } },
      requestMetadata: { prompt: NAME, alias: 'PROD', version: '3', source: 'registry', sessionId: 'session-1' },
    });
    expect(fixture.server.requests.map(({ operation }) => operation)).toEqual(['GetParameters']);
    expect([prompt.version, prompt.versionArn, prompt.digest]).toEqual([3, versionArn(3), undefined]);
  });

  it('checks the values always, and the names once the content is known', async () => {
    const fixture = await RegistryFixture.start();
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(() => prompt.converse({ ticker: 7 as never })).toThrow(
      /^financial-analysis: variable ticker must be a string, found number; convert it$/,
    );
    expect(prompt.converse({ tickr: 'AMZN' }).promptVariables).toEqual({ tickr: { text: 'AMZN' } });
    await fixture.settle(prompt.content());
    expect(() => prompt.converse({})).toThrow(/variable ticker is missing; pass it; declared: ticker$/);
    expect(() => prompt.converse({ ticker: 'AMZN', tickr: 'AMZN' })).toThrow(
      /variable tickr is unknown; remove or rename it; declared: ticker$/,
    );
    expect(prompt.converse({ ticker: 'AMZN' }).requestMetadata.digest).toBe(DIGEST);
  });

  it('logs a session id as it is, and writes it to the metadata as Bedrock takes it', async () => {
    const fixture = await RegistryFixture.start();
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    const { requestMetadata } = prompt.converse({ ticker: 'AMZN' }, { sessionId: `a|b é${'x'.repeat(300)}` });
    expect(requestMetadata.sessionId).toBe(`a_b _${'x'.repeat(251)}`);
    expect(fixture.uses[0]?.sessionId).toHaveLength(305);
  });

  it.each(['\u00a0', '\u2028', '\u2029', '\u3000', '\ufeff', '\u200b', '\u0000', '\u001b', '\u{e0041}', 'é', '|'])(
    'lets no %j pass into the metadata, which Bedrock would refuse with the call',
    async (odd) => {
      const fixture = await RegistryFixture.start();
      const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
      const { requestMetadata } = prompt.converse({ ticker: 'AMZN' }, { sessionId: `a${odd}b c` });
      expect(requestMetadata.sessionId).toBe(`a${'_'.repeat(odd.length)}b c`);
      for (const value of Object.values(requestMetadata)) expect(value).toMatch(/^[a-zA-Z0-9 :_@$#=/+,.-]{0,256}$/);
    },
  );

  it('sends a fallback as the messages it is', async () => {
    const fixture = await RegistryFixture.start();
    fixture.server.behaviour = '500';
    const fallback: PromptFallback = {
      templateType: 'CHAT',
      templateConfiguration: {
        chat: {
          system: [{ text: 'You are {{role}}.' }],
          messages: [{ role: 'user', content: [{ text: 'Sell {{ticker}}?' }] }],
        },
      },
      modelId: 'amazon.nova-lite-v1:0',
      inferenceConfiguration: { text: { maxTokens: 9 } },
    };
    const prompt = await fixture.settle(fixture.client().get(NAME, { ...PROD, fallback }));
    expect(prompt.converse({ ticker: 'AMZN', role: 'brief' })).toEqual({
      modelId: 'amazon.nova-lite-v1:0',
      system: [{ text: 'You are brief.' }],
      messages: [{ role: 'user', content: [{ text: 'Sell AMZN?' }] }],
      inferenceConfig: { maxTokens: 9 },
      requestMetadata: { prompt: NAME, alias: 'PROD', source: 'fallback' },
    });
    expect([prompt.version, prompt.versionArn, prompt.digest]).toEqual([undefined, undefined, undefined]);
    const textOnly = await fixture.settle(fixture.client().get(NAME, { ...PROD, fallback: 'Sell {{ticker}}' }));
    expect(() => textOnly.converse({ ticker: 'AMZN' })).toThrow(
      expect.objectContaining({ code: 'FallbackWithoutModel' }),
    );
  });
});

describe('Method: compile', () => {
  it('reads the content once and for good', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    for (const ticker of ['AMZN', 'NVDA']) {
      const prompt = await fixture.settle(client.get(NAME, PROD));
      expect(await fixture.settle(prompt.compile({ ticker }))).toBe(`Analyse ${ticker} now`);
    }
    expect(fixture.requests('GetPrompt')).toBe(1);
  });

  it('gives system and messages for a CHAT prompt', async () => {
    const fixture = await RegistryFixture.start();
    fixture.publish(3, {
      name: 'default',
      templateType: 'CHAT',
      templateConfiguration: {
        chat: {
          system: [{ text: 'Be {{mood}}.' }, { cachePoint: { type: 'default' } }, { text: 'Always.' }],
          messages: [
            { role: 'user', content: [{ text: 'About {{ticker}}' }] },
            { role: 'assistant', content: [{ text: 'Yes?' }] },
          ],
          inputVariables: [{ name: 'mood' }, { name: 'ticker' }],
        },
      },
    });
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(await fixture.settle(prompt.compile({ mood: 'kind', ticker: 'AMZN' }))).toEqual({
      system: 'Be kind.\nAlways.',
      messages: [
        { role: 'user', content: 'About AMZN' },
        { role: 'assistant', content: 'Yes?' },
      ],
    });
  });

  it('fills in declared variables only, and never inside a value', async () => {
    const fixture = await RegistryFixture.start();
    fixture.publish(3, textVariant('{{a}} {{b}} {{c}} {{a}}', ['a', 'b']));
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(await fixture.settle(prompt.compile({ a: '{{b}}', b: '$&' }))).toBe('{{b}} $& {{c}} {{b}}');
  });

  it.each([
    '{{ a }}',
    '{{\ta}}',
    '{{a\u00a0}}',
    '{{{a}}}',
    '{{_a}}',
    '{{a__b}}',
    '{{a.b}}',
    '{{}}',
    '{{a',
    '{{#a}}',
    '{{a\n}}',
  ])('leaves %j as it is, as Bedrock does, in a version and in a fallback', async (written) => {
    const fixture = await RegistryFixture.start();
    fixture.publish(3, textVariant(`${written} {{a}}`, ['a']));
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(await fixture.settle(prompt.compile({ a: 'x' }))).toBe(`${written} x`);
    fixture.server.behaviour = '500';
    const served = await fixture.settle(fixture.client().get(NAME, { ...PROD, fallback: `${written} {{a}}` }));
    expect(await served.compile({ a: 'x' })).toBe(`${written} x`);
  });

  it('fills a variable that stands between other braces', async () => {
    const fixture = await RegistryFixture.start();
    fixture.publish(3, textVariant('{"a":{{a}}} {{a}}{{a-b}}', ['a', 'a-b']));
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    expect(await fixture.settle(prompt.compile({ a: '1', 'a-b': '2' }))).toBe('{"a":1} 12');
  });

  it.each([
    [{}, 'MissingVariable'],
    [{ ticker: 'AMZN', date: 'now' }, 'UnknownVariable'],
    [{ ticker: null as never }, 'InvalidVariable'],
  ])('refuses %j: %s', async (variables, code) => {
    const fixture = await RegistryFixture.start();
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    await expect(fixture.settle(prompt.compile(variables as never))).rejects.toMatchObject({ code });
  });

  it('takes no inherited property for a variable', async () => {
    const fixture = await RegistryFixture.start();
    fixture.publish(3, textVariant('{{constructor}}', ['constructor']));
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    await expect(fixture.settle(prompt.compile({}))).rejects.toMatchObject({ code: 'MissingVariable' });
  });

  it('leaves the alias as it is where the package that reads contents is missing', async () => {
    const fixture = await RegistryFixture.start();
    const missing = { send: () => Promise.reject(new RegistryError('MissingSdk', 'npm install')) };
    const client = fixture.client({ bedrockAgent: missing });
    const prompt = await fixture.settle(client.get(NAME, PROD));
    await expect(fixture.settle(prompt.compile({ ticker: 'AMZN' }))).rejects.toMatchObject({ code: 'MissingSdk' });
    expect(await fixture.settle(client.get(NAME, PROD))).toMatchObject({ version: 3 });
  });

  it('uses the fallback while the content is out of reach, and says so', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    await fixture.settle(client.get(NAME, PROD));
    fixture.server.behaviour = '429';
    const prompt = await client.get(NAME, { ...PROD, fallback: 'Sell {{ticker}}' });
    expect(await fixture.settle(prompt.compile({ ticker: 'AMZN' }))).toBe('Sell AMZN');
    expect(fixture.uses).toMatchObject([{ operation: 'compile', source: 'fallback', age: 0, version: undefined }]);
    await expect(fixture.settle((await client.get(NAME, PROD)).compile({ ticker: 'AMZN' }))).rejects.toMatchObject({
      code: 'RegistryUnavailable',
    });
  });

  it('asks after maxStale, behind the caller, whether a version that it keeps was taken away', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    const compile = async () => (await fixture.settle(client.get(NAME, PROD))).compile({ ticker: 'AMZN' });
    await fixture.settle(compile());
    fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    await fixture.pass(900_000);
    expect(await fixture.settle(compile())).toBe('Analyse AMZN now');
    await fixture.quiet();
    expect(fixture.requests('GetPrompt')).toBe(2);
    await expect(fixture.settle(compile())).rejects.toMatchObject({ code: 'VersionRefused' });
  });

  it('keeps contents up to the limit; the oldest go first', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ contentLimit: 2.5 * JSON.stringify(textVariant()).length, ttl: 0 });
    for (const version of [2, 3, 2, 4, 2, 3]) {
      fixture.pointTo(version);
      await fixture.pass(1_000);
      await fixture.settle((await fixture.settle(client.get(NAME, PROD))).compile({ ticker: 'AMZN' }));
    }
    const asked = fixture.server.requests.filter(({ operation }) => operation === 'GetPrompt').map(({ name }) => name);
    expect(asked.map((name) => Number(name.split(':')[1]))).toEqual([2, 3, 4, 2, 3]);
  });
});

describe('Method: run', () => {
  it('calls the model with the version, logs one line and measures the call', async () => {
    const fixture = await RegistryFixture.start();
    const answer = await fixture.settle(
      fixture.client().run(
        NAME,
        { ticker: 'AMZN' },
        async (request, prompt) => {
          expect(request.modelId).toBe(prompt.versionArn);
          await prompt.compile({ ticker: 'AMZN' });
          fixture.clock.time += 250;
          return { usage: { inputTokens: 11, outputTokens: 7 } };
        },
        { ...PROD, sessionId: 's' },
      ),
    );
    expect(answer.usage.outputTokens).toBe(7);
    const common = { prompt: NAME, alias: 'PROD', version: 3, versionArn: versionArn(3), digest: DIGEST };
    expect(fixture.uses).toEqual([{ operation: 'run', ...common, source: 'registry', age: 0, sessionId: 's' }]);
    expect(fixture.metricLines.map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: fixture.clock.wall(),
          CloudWatchMetrics: [
            {
              Namespace: 'PromptRegistry',
              Dimensions: [['Registry', 'Prompt', 'Alias', 'Version']],
              Metrics: [
                { Name: 'Uses', Unit: 'Count' },
                { Name: 'Errors', Unit: 'Count' },
                { Name: 'Latency', Unit: 'Milliseconds' },
                { Name: 'InputTokens', Unit: 'Count' },
                { Name: 'OutputTokens', Unit: 'Count' },
              ],
            },
          ],
        },
        Registry: '/prompts/prod',
        Prompt: NAME,
        Alias: 'PROD',
        Version: '3',
        Uses: 1,
        Errors: 0,
        Latency: 250,
        InputTokens: 11,
        OutputTokens: 7,
      },
    ]);
  });

  it.each(['AccessDeniedException', 'ResourceNotFoundException'])(
    'follows the alias once when Bedrock answers %s, and tells of it in one line',
    async (refusal) => {
      const fixture = await RegistryFixture.start();
      const client = fixture.client();
      await fixture.settle(client.get(NAME, PROD));
      fixture.pointTo(4);
      fixture.server.refusals.set('ABCDEFGHIJ:3', refusal);
      const called: string[] = [];
      const answer = await fixture.settle(
        client.run(
          NAME,
          { ticker: 'AMZN' },
          async ({ modelId }) => {
            called.push(modelId);
            if (modelId === versionArn(3)) throw bedrockError(refusal);
            return 'fine';
          },
          PROD,
        ),
      );
      expect([answer, called, fixture.requests()]).toEqual(['fine', [versionArn(3), versionArn(4)], 2]);
      expect(fixture.requests('GetPrompt')).toBe(1);
      expect(fixture.uses.map(({ version, error }) => [version, error])).toEqual([[4, undefined]]);
      const metrics = fixture.metricLines.map((line) => JSON.parse(line));
      expect(metrics.map(({ Version, Errors }) => [Version, Errors])).toEqual([
        ['3', 1],
        ['4', 0],
      ]);
    },
  );

  it('calls a refused version once only while the alias stays on it, then asks no model at all', async () => {
    const fixture = await RegistryFixture.start();
    fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    const client = fixture.client();
    let calls = 0;
    const run = () =>
      fixture.settle(
        client.run(
          NAME,
          { ticker: 'AMZN' },
          async () => {
            calls++;
            throw bedrockError('AccessDeniedException');
          },
          { ...PROD, fallback: 'Sell {{ticker}}' },
        ),
      );
    await expect(run()).rejects.toMatchObject({ code: 'VersionRefused', cause: { name: 'AccessDeniedException' } });
    await expect(run()).rejects.toMatchObject({ code: 'VersionRefused' });
    expect([calls, fixture.requests()]).toEqual([1, 2]);
  });

  it('does not use a snapshot whose version Bedrock refused', async () => {
    const fixture = await RegistryFixture.start();
    const variant = textVariant();
    const snapshot = {
      schema: 1,
      parameterPrefix: '/prompts/prod',
      time: '2026-11-01T00:00:00Z',
      aliases: { [`${NAME}/PROD`]: versionArn(2) },
      versions: { [versionArn(2)]: { digest: DIGEST, sha256: '', variant } },
    };
    fixture.server.refusals.set('ABCDEFGHIJ:2', 'AccessDeniedException');
    // SSM alone is down: Bedrock is asked about the version that it refused.
    const ssm = { send: () => Promise.reject(new Error('down')) };
    let isDown = true;
    const up = fixture.ssm();
    const client = fixture.client({ snapshot, ssm: { send: (...sent) => (isDown ? ssm.send() : up.send(...sent)) } });
    const run = () =>
      fixture.settle(
        client.run(NAME, { ticker: 'AMZN' }, async () => Promise.reject(bedrockError('AccessDeniedException')), PROD),
      );
    await expect(run()).rejects.toMatchObject({ code: 'VersionRefused' });
    isDown = false;
    await fixture.pass(1_000);
    expect(await fixture.settle(client.get(NAME, PROD))).toMatchObject({ version: 3 });
    isDown = true;
    await fixture.pass(900_000);
    await expect(fixture.settle(client.get(NAME, PROD))).rejects.toMatchObject({ code: 'VersionRefused' });
  });

  describe.each<[string, () => unknown]>([
    [
      'a guardrail',
      () =>
        bedrockError(
          'AccessDeniedException',
          'User: arn:aws:sts::111122223333:assumed-role/app/a is not authorized to perform: bedrock:ApplyGuardrail on resource: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc because no identity-based policy allows the bedrock:ApplyGuardrail action',
        ),
    ],
    [
      'a guardrail that is not there',
      () =>
        bedrockError(
          'ResourceNotFoundException',
          'The guardrail identifier or version provided in the request does not exist.',
        ),
    ],
    [
      'a table',
      () =>
        bedrockError(
          'AccessDeniedException',
          'User: arn:aws:sts::111122223333:assumed-role/app/a is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:111122223333:table/t',
        ),
    ],
    ['a table that is not there', () => bedrockError('ResourceNotFoundException', 'Requested resource not found')],
    ['a bucket', () => bedrockError('AccessDenied', 'Access Denied')],
    ['a knowledge base', () => bedrockError('ResourceNotFoundException', 'Knowledge Base with id ABC does not exist')],
    ['a stream of an agent', () => bedrockError('accessDeniedException', 'Access denied when calling Bedrock.')],
    [
      'another prompt',
      () =>
        bedrockError(
          'ResourceNotFoundException',
          'arn:aws:bedrock:us-east-1:111122223333:prompt/ZZZZZZZZZZ:1 was not found',
        ),
    ],
    ['an error of the caller’s own', () => new RegistryError('VersionRefused', 'from a client of another registry')],
    [
      'a throttled model',
      () => bedrockError('ThrottlingException', 'Too many tokens, please wait before trying again.'),
    ],
    ['no error at all', () => undefined],
  ])('%s that fails', (_name, thrown) => {
    it('is given to the caller as it is, and takes the alias from nobody', async () => {
      const fixture = await RegistryFixture.start();
      const client = fixture.client();
      let served = 0;
      for (let second = 0; second < 120; second += 20) {
        await fixture.pass(20_000);
        const error = thrown();
        const bad = client.run(NAME, { ticker: 'AMZN' }, () => Promise.reject(error), PROD);
        expect(await fixture.settle(bad).catch((caught) => [caught])).toEqual([error]);
        const good = () => client.run(NAME, { ticker: 'AMZN' }, async () => served++, PROD);
        await fixture.settle(Promise.all(Array.from({ length: 100 }, good)));
      }
      expect(served).toBe(600);
      expect(fixture.requests('GetPrompt')).toBeLessThanOrEqual(6);
    });
  });

  it('asks Bedrock about a version five times at once and then every ten seconds, however many calls fail', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    const foreign = bedrockError('ResourceNotFoundException', 'Requested resource not found');
    const fail = () => client.run(NAME, { ticker: 'AMZN' }, () => Promise.reject(foreign), PROD);
    for (let second = 0; second < 50; second++) {
      await fixture.pass(1_000);
      await expect(fixture.settle(fail())).rejects.toBe(foreign);
    }
    expect(fixture.requests('GetPrompt')).toBeLessThanOrEqual(10);
    await fixture.settle(Promise.allSettled(Array.from({ length: 1_000 }, fail)));
    expect(fixture.requests('GetPrompt')).toBeLessThanOrEqual(11);
    // A version that is withdrawn then is still noticed.
    fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    await fixture.pass(10_000);
    await expect(fixture.settle(fail())).rejects.toMatchObject({ code: 'VersionRefused' });
  });

  it('believes nothing about the version while Bedrock does not answer about it', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    await fixture.settle(client.get(NAME, PROD));
    fixture.server.behaviour = '500';
    const refused = bedrockError('AccessDeniedException');
    const run = client.run(NAME, { ticker: 'AMZN' }, () => Promise.reject(refused), PROD);
    await expect(fixture.settle(run)).rejects.toBe(refused);
    expect(await fixture.settle(client.get(NAME, PROD))).toMatchObject({ version: 3 });
  });

  it('without the package that asks, believes only AWS’s words for a prompt that may not be used', async () => {
    const fixture = await RegistryFixture.start();
    const missing = { send: () => Promise.reject(new RegistryError('MissingSdk', 'npm install')) };
    const client = fixture.client({ bedrockAgent: missing });
    const run = (error: Error) =>
      fixture.settle(client.run(NAME, { ticker: 'AMZN' }, () => Promise.reject(error), PROD));
    const foreign = bedrockError('AccessDeniedException');
    await expect(run(foreign)).rejects.toBe(foreign);
    const message = 'Your account is not authorized to invoke this API operation with a prompt resource.';
    await expect(run(bedrockError('AccessDeniedException', message))).rejects.toMatchObject({ code: 'VersionRefused' });
  });

  describe('a model that cannot be called', () => {
    const ended = () =>
      bedrockError(
        'ResourceNotFoundException',
        'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
      );

    it('is named with its version, and the version stays', async () => {
      const fixture = await RegistryFixture.start();
      const client = fixture.client();
      const cause = ended();
      const run = client.run(NAME, { ticker: 'AMZN' }, () => Promise.reject(cause), { ...PROD, fallback: 'Sell' });
      await expect(fixture.settle(run)).rejects.toMatchObject({
        code: 'ModelEnded',
        message: `model amazon.nova-pro-v1:0 of ${versionArn(3)} has ended; release a version with another model`,
        cause,
      });
      expect(fixture.uses).toMatchObject([{ version: 3, error: 'ModelEnded' }]);
      expect(await fixture.settle(client.get(NAME, PROD))).toMatchObject({ version: 3 });
    });

    it('is replaced by a fallback that has a model', async () => {
      const fixture = await RegistryFixture.start();
      const client = fixture.client();
      const fallback = { ...textVariant('Sell {{ticker}}'), modelId: 'amazon.nova-lite-v1:0' };
      const called: string[] = [];
      const run = client.run(
        NAME,
        { ticker: 'AMZN' },
        async ({ modelId }) => {
          called.push(modelId);
          if (modelId === versionArn(3)) throw ended();
          return 'fine';
        },
        { ...PROD, fallback },
      );
      expect(await fixture.settle(run)).toBe('fine');
      expect(called).toEqual([versionArn(3), 'amazon.nova-lite-v1:0']);
      expect(fixture.uses).toMatchObject([{ source: 'fallback', version: undefined, error: undefined }]);
      expect(fixture.metricLines.map((line) => JSON.parse(line))).toMatchObject([
        { Version: '3', Errors: 1 },
        { Version: 'fallback', Errors: 0 },
      ]);
    });

    it('of the fallback is the caller’s own, and asked once', async () => {
      const fixture = await RegistryFixture.start();
      const fallback = { ...textVariant('Sell {{ticker}}'), modelId: 'amazon.nova-lite-v1:0' };
      let calls = 0;
      const run = fixture.client().run(
        NAME,
        { ticker: 'AMZN' },
        async () => {
          calls++;
          throw ended();
        },
        { ...PROD, fallback },
      );
      await expect(fixture.settle(run)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
      expect(calls).toBe(2);
    });

    it('is not what is told where the version was withdrawn with the right to its model', async () => {
      const fixture = await RegistryFixture.start();
      fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
      const message =
        'User: arn:aws:sts::111122223333:assumed-role/app/a is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0';
      const refused = bedrockError('AccessDeniedException', message);
      const run = fixture.client().run(NAME, { ticker: 'AMZN' }, () => Promise.reject(refused), PROD);
      await expect(fixture.settle(run)).rejects.toMatchObject({ code: 'VersionRefused' });
    });
  });

  it('gives any other error to the caller as it is, and counts it', async () => {
    const fixture = await RegistryFixture.start();
    const thrown = Object.assign(new Error('too many'), { name: 'ThrottlingException' });
    const run = fixture.client().run(NAME, { ticker: 'AMZN' }, async () => Promise.reject(thrown), PROD);
    await expect(fixture.settle(run)).rejects.toBe(thrown);
    expect(fixture.uses).toMatchObject([{ operation: 'run', error: 'ThrottlingException' }]);
    expect(JSON.parse(fixture.metricLines[0] as string)).toMatchObject({ Errors: 1, Uses: 1, Version: '3' });
  });

  it('asks no model with wrong variables', async () => {
    const fixture = await RegistryFixture.start();
    const run = fixture.client().run(NAME, { ticker: 1 as never }, async () => expect.unreachable(), PROD);
    await expect(fixture.settle(run)).rejects.toMatchObject({ code: 'InvalidVariable' });
    expect(fixture.metricLines).toEqual([]);
  });
});

describe('access log', () => {
  it('has one line per use and none per get', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    const prompt = await fixture.settle(client.get(NAME, PROD));
    await client.get(NAME, PROD);
    expect(fixture.uses).toEqual([]);
    prompt.converse({ ticker: 'AMZN' });
    await fixture.settle(prompt.compile({ ticker: 'AMZN' }, { sessionId: 's' }));
    const common = { prompt: NAME, alias: 'PROD', version: 3, versionArn: versionArn(3), source: 'registry', age: 0 };
    expect(fixture.uses).toEqual([
      { operation: 'converse', ...common },
      { operation: 'compile', ...common, digest: DIGEST, sessionId: 's' },
    ]);
  });
});

describe('bad input', () => {
  it.each<[string, string, { alias?: string }, string, RegExp]>([
    [
      'unknown prompt',
      'nobody',
      PROD,
      'AliasNotFound',
      /^\/prompts\/prod\/nobody\/PROD does not exist; correct name, prefix or Region/,
    ],
    ['unknown alias', NAME, { alias: 'QA' }, 'AliasNotFound', /QA does not exist; correct name/],
    ['no alias', NAME, {}, 'AliasRequired', /financial-analysis needs an alias, found none; write/],
    ['bad prompt name', 'a b', PROD, 'InvalidName', /found .prompts.prod,a b,PROD$/],
    [
      'alias that leads elsewhere',
      NAME,
      { alias: '../x' },
      'InvalidName',
      /found .prompts.prod,financial-analysis,...x$/,
    ],
    ['name that leads elsewhere', 'a/b', PROD, 'InvalidName', /found .prompts.prod,a.b,PROD$/],
    ['name that no prompt can have', 'a__b', PROD, 'InvalidName', /found .prompts.prod,a__b,PROD$/],
    ['name that is longer than a prompt’s', 'x'.repeat(101), PROD, 'InvalidName', /found .prompts.prod,x{100},PROD$/],
    ['name of a megabyte', 'x'.repeat(1e6), PROD, 'InvalidName', /^.{0,200}$/],
    ['empty name', '', PROD, 'InvalidName', /found .prompts.prod,,PROD$/],
    ['name with a line feed at its end', 'p\n', PROD, 'InvalidName', /found .prompts.prod,p/],
    ['name with a no-break space', 'p\u00a0', PROD, 'InvalidName', /found .prompts.prod,p/],
    ['alias that begins with a digit', NAME, { alias: '1' }, 'InvalidName', /,1$/],
    ['alias that is too long', NAME, { alias: 'A'.repeat(33) }, 'InvalidName', /,A{33}$/],
  ])('%s', async (_name, prompt, options, code, message) => {
    const fixture = await RegistryFixture.start();
    const error = await fixture.settle(fixture.client().get(prompt, options)).catch((error) => error);
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('a name that cannot be valid costs no request', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    for (const name of ['a b', 'a__b', '-a', 'x'.repeat(101), '../x', 'a.b', 'é'])
      await fixture.settle(client.get(name, PROD)).catch(() => undefined);
    expect(fixture.requests()).toBe(0);
  });

  it('names that lead nowhere are forgotten, aliases that exist are not', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ ttl: 900_000 });
    fixture.server.parameters.set('/prompts/prod/empty/PROD', 'none');
    const ask = (name: string) => fixture.settle(client.get(name, PROD)).catch(({ code }) => code);
    await ask(NAME);
    expect(await ask('empty')).toBe('AliasIsNone');
    await Promise.all(Array.from({ length: 201 }, (_, number) => ask(`from-outside-${number}`)));
    const asked = (name: string) =>
      fixture.server.requests.filter((request) => request.name === `/prompts/prod/${name}/PROD`).length;
    expect(await ask('from-outside-0')).toBe('AliasNotFound');
    expect(await ask('from-outside-200')).toBe('AliasNotFound');
    expect([asked('from-outside-0'), asked('from-outside-200')]).toEqual([2, 1]);
    await ask(NAME);
    expect(asked(NAME)).toBe(1);
    // What was refused stays refused, whatever else was asked for, and whatever happens to SSM.
    fixture.server.behaviour = '500';
    const refused = fixture.settle(client.get('empty', { ...PROD, fallback: 'Sell' }));
    await expect(refused).rejects.toMatchObject({ code: 'AliasIsNone' });
  });

  it('an alias that holds neither a version nor none', async () => {
    const fixture = await RegistryFixture.start();
    fixture.server.parameters.set(
      '/prompts/prod/financial-analysis/PROD',
      'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ',
    );
    await expect(fixture.settle(fixture.client().get(NAME, PROD))).rejects.toMatchObject({ code: 'InvalidAliasValue' });
  });

  it.each([
    [{ ttl: -1 }, /give 0 <= ttl <= maxStale, timeout > 0, found -1,900000,2000/],
    [{ timeout: 0 }, /found 60000,900000,0/],
    [{ ttl: 2_000, maxStale: 1_000 }, /found 2000,1000,2000/],
    [{ maxStale: '15 min' as never }, /found 60000,15 min,2000/],
    [
      { snapshot: '/nowhere/prompts.json' },
      /expected a snapshot of \/prompts\/prod, found Error: ENOENT.*; run prompt-registry snapshot/,
    ],
  ])('options %j', (options, message) => {
    expect(() => new PromptClient({ parameterPrefix: '/prompts/prod', ...options })).toThrow(message);
  });

  it('takes an option that is undefined for one that is not given', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ ttl: undefined, maxStale: undefined, snapshot: undefined });
    await expect(fixture.settle(client.get(NAME, PROD))).resolves.toMatchObject({ version: 3 });
  });
});
