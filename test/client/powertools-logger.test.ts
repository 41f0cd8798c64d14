import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PromptLogger } from '../../client';
import { RegistryFixture } from './registry-fixture';

let written: string;
/** What Logger writes to outside of its development mode. */
const sink = new Console(
  new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  }),
);

/** Powertools lets its console be replaced by a subclass. */
class ReadableLogger extends Logger {
  protected override console = sink;
}

beforeEach(() => {
  written = '';
});

describe("Powertools' Logger as the access log", () => {
  it('takes a use as fields of its own line, beside its own keys', async () => {
    const fixture = await RegistryFixture.start();
    const logger: PromptLogger = new ReadableLogger({ serviceName: 'analysis', logLevel: 'INFO' });
    const prompts = fixture.client({ logger });

    const prompt = await fixture.settle(prompts.get('financial-analysis', { alias: 'PROD' }));
    prompt.converse({ ticker: 'AMZN' }, { sessionId: 's-1' });

    const lines = written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'INFO',
      service: 'analysis',
      message: 'prompt used',
      operation: 'converse',
      prompt: 'financial-analysis',
      alias: 'PROD',
      version: 3,
      sessionId: 's-1',
      source: 'registry',
    });
  });
});
