import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it, vi } from 'vitest';
import { RegistryFixture } from './registry-fixture';

describe("Powertools' Logger as the access log", () => {
  it('takes a use as fields of its own line, beside its own keys', async () => {
    const fixture = await RegistryFixture.start();
    const prompts = fixture.client({ logger: new Logger({ serviceName: 'analysis', logLevel: 'INFO' }) });
    const prompt = await fixture.settle(prompts.get('financial-analysis', { alias: 'PROD' }));

    // Outside of its development mode it has a console of its own, on this process's stdout.
    const written: string[] = [];
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
    prompt.converse({ ticker: 'AMZN' }, { sessionId: 's-1' });
    stdout.mockRestore();

    const lines = written.join('').trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
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
