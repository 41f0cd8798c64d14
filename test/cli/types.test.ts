import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { types } from '../../cli/commands/types';
import { Interruption } from '../../cli/interruption';
import { fakeTerminal } from './fake-terminal';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'types-'));
  mkdirSync(join(folder, 'prompts/support'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const promptFile = (path: string, template: string) => {
  const variables = [...template.matchAll(/{{(\w+)}}/g)].map((match) => `\n    ${match[1]}: string`);
  const input = variables.length > 0 ? `input:\n  schema:${variables.join('')}\n` : '';
  writeFileSync(join(folder, 'prompts', path), `---\nmodel: amazon.nova-pro-v1:0\n${input}---\n${template}\n`);
};

async function run(out?: string) {
  const { terminal, output } = fakeTerminal(undefined);
  const code = await types.run({
    ...{ terminal, positionals: [join(folder, 'prompts')], values: { out }, interruption: new Interruption() },
    now: () => new Date(),
    commands: [],
    openRegistry: () => Promise.reject(new Error('types needs no AWS')),
  });
  return { code, output: output() };
}

describe('prompt-registry types', () => {
  it('writes the variables of each prompt file, also of those in folders', async () => {
    promptFile('advisor.prompt', 'Explain {{ticker}} in {{language}}.');
    promptFile('support/triage.prompt', '{{role "system"}}\nSort.\n{{role "user"}}\n{{ticket}}');
    const out = join(folder, 'prompts.d.ts');
    expect(await run(out)).toEqual({ code: 0, output: `wrote ${out}: 2 prompts\n` });
    const lines = [
      'export interface Prompts {',
      "  advisor: { type: 'TEXT'; variables: { language: string; ticker: string } };",
      "  triage: { type: 'CHAT'; variables: { ticket: string } };",
      '}',
    ];
    expect(readFileSync(out, 'utf8')).toContain(lines.join('\n'));
    expect((await run('-')).output).toBe(readFileSync(out, 'utf8'));
  });

  it('names the line of a file that it cannot read, and writes nothing', async () => {
    promptFile('advisor.prompt', '{{#if ticker}}x{{/if}}');
    const out = join(folder, 'prompts.d.ts');
    await expect(run(out)).rejects.toThrow(/advisor\.prompt:4: /);
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });

  it('says so where there is no prompt file, no such folder, or no folder to write to', async () => {
    await expect(run('-')).rejects.toThrow(/no \.prompt file in .*prompts$/);
    promptFile('advisor.prompt', 'x');
    await expect(run(join(folder, 'none/prompts.d.ts'))).rejects.toThrow('cannot write');
    rmSync(join(folder, 'prompts'), { recursive: true });
    await expect(run('-')).rejects.toThrow('cannot read folder');
  });

  it('refuses two prompt files of one name', async () => {
    promptFile('advisor.prompt', 'x');
    promptFile('support/advisor.prompt', 'y');
    await expect(run('-')).rejects.toThrow('two prompt files are named "advisor"');
  });
});
