import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { telemetry } from '../../client/telemetry';

const storage = new AsyncLocalStorage<Context>();

beforeAll(() => {
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
afterAll(() => context.disable());

describe('telemetry', () => {
  it('writes a use to the active span, under the names of the conventions where they have one', async () => {
    const record = telemetry();
    await import('@opentelemetry/api');
    const written: Record<string, unknown> = {};
    const span = Object.assign(
      trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
      {
        setAttributes(attributes: object) {
          Object.assign(written, attributes);
          return this;
        },
      },
    );
    const use = { operation: 'run', prompt: 'p', alias: 'PROD', version: 3, source: 'stale', age: 61_000.4 } as const;
    context.with(trace.setSpan(ROOT_CONTEXT, span), () =>
      record({ ...use, sessionId: 's' }, { inputTokens: 5, outputTokens: 3 }),
    );
    expect(written).toEqual({
      'gen_ai.prompt.name': 'p',
      'gen_ai.conversation.id': 's',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 3,
      'prompt_registry.alias': 'PROD',
      'prompt_registry.version': 3,
      'prompt_registry.source': 'stale',
      'prompt_registry.age': 61_000.4,
    });
  });

  it('does nothing without a span', async () => {
    const record = telemetry();
    await import('@opentelemetry/api');
    expect(() => record({ operation: 'run', prompt: 'p', alias: 'A', source: 'registry', age: 0 })).not.toThrow();
  });
});
