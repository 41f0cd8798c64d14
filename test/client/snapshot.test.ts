import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../client/snapshot';
import { contentDigest } from '../../core/content/content-digest';
import { writePromptSnapshot } from '../../core/content/write-prompt-snapshot';
import { RegistryFixture, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';

const NAME = 'financial-analysis';
const PROD = { alias: 'PROD' };
const entry = (promptName: string, aliasName: string, version: number) => ({
  promptName,
  aliasName,
  versionArn: versionArn(version),
  variant: textVariant(`Text ${version} of {{ticker}}`),
});
const text = (prefix = '/prompts/prod') =>
  writePromptSnapshot(prefix, new Date('2026-11-01T00:00:00Z'), [entry(NAME, 'PROD', 3), entry('a-prompt', 'PROD', 2)]);

describe('snapshot', () => {
  it('is the same text in whatever order the aliases come', () => {
    const aliases = [entry(NAME, 'STAGING', 4), entry(NAME, 'PROD', 3), entry('a-prompt', 'PROD', 2)];
    const write = (list: typeof aliases) => writePromptSnapshot('/p', new Date(0), list);
    expect(write(aliases)).toBe(write(aliases.toReversed()));
    expect(Object.keys(JSON.parse(write(aliases)).aliases)).toEqual([
      'a-prompt/PROD',
      `${NAME}/PROD`,
      `${NAME}/STAGING`,
    ]);
  });

  it('read from its file serves alias and content without AWS', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'snapshot-')), 'prompts.json');
    writeFileSync(path, text());
    const fixture = await RegistryFixture.start();
    fixture.server.behaviour = '500';
    const prompt = await fixture.settle(fixture.client({ snapshot: path }).get(NAME, PROD));
    expect(prompt).toMatchObject({
      version: 3,
      source: 'snapshot',
      digest: contentDigest(textVariant('Text 3 of {{ticker}}')),
    });
    expect(await fixture.settle(prompt.compile({ ticker: 'AMZN' }))).toBe('Text 3 of AMZN');
    expect(() => prompt.converse({})).toThrow(expect.objectContaining({ code: 'MissingVariable' }));
    expect(fixture.requests('GetPrompt')).toBe(0);
  });

  it('spares GetPrompt while the alias still points to what it holds', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ snapshot: JSON.parse(text()) });
    const prompt = await fixture.settle(client.get(NAME, PROD));
    expect([prompt.source, await fixture.settle(prompt.compile({ ticker: 'AMZN' }))]).toEqual([
      'registry',
      'Text 3 of AMZN',
    ]);
    expect(fixture.requests('GetPrompt')).toBe(0);
  });

  it('is not used for a version that turned out to be withdrawn', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ snapshot: JSON.parse(text()) });
    const compile = async () => (await fixture.settle(client.get(NAME, PROD))).compile({ ticker: 'AMZN' });
    await fixture.settle(compile());
    fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    await fixture.pass(900_000);
    expect(await fixture.settle(compile())).toBe('Text 3 of AMZN');
    await fixture.quiet();
    await expect(fixture.settle(compile())).rejects.toMatchObject({ code: 'VersionRefused' });
    await fixture.pass(120_000);
    await expect(fixture.settle(compile())).rejects.toMatchObject({ code: 'VersionRefused' });
  });

  it('does not pass off an edited text as the released one', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ snapshot: JSON.parse(text().replace('Text 3', 'Texx 3')) });
    const prompt = await fixture.settle(client.get(NAME, PROD));
    expect(await fixture.settle(prompt.compile({ ticker: 'AMZN' }))).toBe('Analyse AMZN now');
    expect(fixture.requests('GetPrompt')).toBe(1);
  });

  it.each<[string, object, RegExp]>([
    ['another schema', { schema: 2 }, /found schema 2 of undefined at undefined; run prompt-registry snapshot/],
    [
      'another registry',
      JSON.parse(text('/prompts/dev')),
      /expected a snapshot of \/prompts\/prod, found schema 1 of \/prompts\/dev/,
    ],
    ['no time', { ...JSON.parse(text()), time: 'yesterday' }, /at yesterday/],
    ['no aliases', { ...JSON.parse(text()), aliases: undefined }, /found schema 1/],
  ])('%s is refused', (_name, source, message) => {
    expect(() => readSnapshot(source, '/prompts/prod')).toThrow(
      expect.objectContaining({ code: 'InvalidSnapshot', message: expect.stringMatching(message) }),
    );
  });

  it('a file that is no JSON is refused at once', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'snapshot-')), 'prompts.json');
    writeFileSync(path, 'oops');
    expect(() => readSnapshot(path, '/prompts/prod')).toThrow(/found SyntaxError/);
  });
});
