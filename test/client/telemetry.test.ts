import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { type Context, context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { telemetry } from '../../client/telemetry';
import { DIGEST, RegistryFixture, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';

const NAME = 'financial-analysis';
const PROD = { alias: 'PROD' };
const storage = new AsyncLocalStorage<Context>();
const exporter = new InMemorySpanExporter();

beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...args) => storage.run(active, () => run.call(self as never, ...args)),
    bind: (_active, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
});
afterEach(() => exporter.reset());
afterAll(() => {
  context.disable();
  trace.disable();
});

const answer = async () => ({
  usage: { inputTokens: 5, outputTokens: 3, cacheReadInputTokens: 2048, cacheWriteInputTokens: 512 },
});
const run = (fixture: RegistryFixture, call: () => Promise<unknown> = answer, options = {}, own = {}) =>
  fixture.settle(fixture.client(own).run(NAME, { ticker: 'AMZN' }, call, { ...PROD, sessionId: 's', ...options }));
const spans = () => exporter.getFinishedSpans();

const EXPECTED = {
  'langfuse.observation.prompt.name': NAME,
  'langfuse.observation.prompt.version': 3,
  'gen_ai.conversation.id': 's',
  'gen_ai.usage.input_tokens': 5,
  'gen_ai.usage.output_tokens': 3,
  'gen_ai.usage.cache_read.input_tokens': 2048,
  'gen_ai.usage.cache_creation.input_tokens': 512,
  'prompt_registry.operation': 'run',
  'prompt_registry.prompt': NAME,
  'prompt_registry.alias': 'PROD',
  'prompt_registry.version': 3,
  'prompt_registry.version_arn': versionArn(3),
  'prompt_registry.source': 'registry',
  'prompt_registry.age': 0,
};

describe('span of a use', () => {
  it('is started by run where none is active, and ends with it', async () => {
    await run(await RegistryFixture.start());
    expect(spans()).toHaveLength(1);
    expect(spans()[0]).toMatchObject({ name: `chat ${NAME}`, ended: true, status: { code: SpanStatusCode.UNSET } });
    expect(spans()[0]?.attributes).toEqual({ 'gen_ai.operation.name': 'chat', ...EXPECTED });
  });

  it('names the model that the caller of a server of their own names', async () => {
    const fixture = await RegistryFixture.start();
    await trace.getTracer('app').startActiveSpan('mine', async (span) => {
      const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
      await fixture.settle(prompt.openai({ ticker: 'AMZN' }, { model: 'glm-5' }));
      span.end();
    });
    expect(spans()[0]?.attributes).toMatchObject({
      'gen_ai.request.model': 'glm-5',
      'prompt_registry.model': 'glm-5',
      'prompt_registry.operation': 'openai',
    });
  });

  it('is the active one where there is one', async () => {
    const fixture = await RegistryFixture.start();
    await trace.getTracer('app').startActiveSpan('mine', async (span) => {
      await run(fixture);
      span.end();
    });
    expect(spans().map(({ name, attributes }) => [name, attributes])).toEqual([['mine', EXPECTED]]);
  });

  it('is active in the callback, so that what is called there is part of it', async () => {
    await run(await RegistryFixture.start(), async () => {
      trace.getTracer('sdk').startSpan('Converse').end();
      return answer();
    });
    const [inner, outer] = spans();
    expect([inner?.name, inner?.parentSpanContext?.spanId]).toEqual(['Converse', outer?.spanContext().spanId]);
  });

  it('holds no attribute that begins with gen_ai.prompt, in any operation, unless asked for', async () => {
    const fixture = await RegistryFixture.start();
    const all = (own: { spanNames?: 'gen_ai' }) =>
      trace.getTracer('app').startActiveSpan('mine', async (span) => {
        const prompt = await fixture.settle(fixture.client(own).get(NAME, PROD));
        prompt.converse({ ticker: 'AMZN' }, { sessionId: 's' });
        await fixture.settle(prompt.compile({ ticker: 'AMZN' }));
        await run(fixture, answer, {}, own);
        await run(fixture, () => Promise.reject(new Error('no')), {}, own).catch(() => undefined);
        span.end();
        return Object.keys(spans().at(-1)?.attributes ?? {}).filter((name) => name.startsWith('gen_ai.prompt'));
      });
    expect(await all({})).toEqual([]);
    expect(await all({ spanNames: 'gen_ai' })).toEqual(['gen_ai.prompt.name', 'gen_ai.prompt.version']);
  });

  it('holds the digest once the content is known, and links no version to a fallback', async () => {
    const fixture = await RegistryFixture.start();
    await trace.getTracer('app').startActiveSpan('mine', async (span) => {
      const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
      await fixture.settle(prompt.compile({ ticker: 'AMZN' }));
      span.end();
    });
    expect(spans()[0]?.attributes['prompt_registry.digest']).toBe(DIGEST);
    exporter.reset();
    fixture.server.behaviour = '500';
    await run(fixture, answer, { fallback: textVariant('Sell {{ticker}}') });
    const { attributes = {} } = spans()[0] ?? {};
    expect(attributes).toMatchObject({ 'prompt_registry.prompt': NAME, 'prompt_registry.source': 'fallback' });
    expect(Object.keys(attributes).filter((name) => /langfuse|version/.test(name))).toEqual([]);
  });

  it('is one for each call where the version was withdrawn meanwhile', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    await fixture.settle(client.get(NAME, PROD));
    fixture.pointTo(4);
    fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    const refused = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const call = async ({ modelId }: { modelId: string }) => {
      if (modelId === versionArn(3)) throw refused;
    };
    await fixture.settle(client.run(NAME, { ticker: 'AMZN' }, call, PROD));
    const told = spans().map(({ attributes, status }) => [
      attributes['langfuse.observation.prompt.version'],
      attributes['prompt_registry.error'],
      status.code,
    ]);
    expect(told).toEqual([
      [3, 'VersionRefused', SpanStatusCode.ERROR],
      [4, undefined, SpanStatusCode.UNSET],
    ]);
  });

  it('names the error, which reaches the caller as it is', async () => {
    const error = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    await expect(run(await RegistryFixture.start(), () => Promise.reject(error))).rejects.toBe(error);
    expect(spans()).toMatchObject([
      {
        attributes: { 'prompt_registry.error': 'ThrottlingException', 'langfuse.observation.prompt.version': 3 },
        status: { code: SpanStatusCode.ERROR, message: 'Rate exceeded' },
        events: [{ name: 'exception' }],
      },
    ]);
  });

  it('is written where no context manager is registered, too', async () => {
    context.disable();
    await run(await RegistryFixture.start());
    expect(spans()[0]?.attributes).toMatchObject(EXPECTED);
  });

  it('is nothing without one: a use outside of run starts none', async () => {
    const { record } = telemetry();
    await import('@opentelemetry/api');
    expect(() => record({ operation: 'compile', prompt: 'p', alias: 'A', source: 'registry', age: 0 })).not.toThrow();
    expect(spans()).toEqual([]);
  });
});

it('is what docs/observability.md shows', async () => {
  const [, block = ''] = /```json\n(.*?)```/s.exec(readFileSync('docs/observability.md', 'utf8')) ?? [];
  await run(await RegistryFixture.start(), answer, { sessionId: 'session-7' });
  const [span] = spans();
  const shown = JSON.parse(block);
  // The account and the id are the test's own.
  expect({ ...shown.attributes, 'prompt_registry.version_arn': versionArn(3) }).toEqual(span?.attributes);
  expect(shown.name).toBe(span?.name);
});
