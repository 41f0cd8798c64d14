import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliError } from '../../cli/cli-error';
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

  it('passes over partials, and over folders that are called like prompts', async () => {
    promptFile('advisor.prompt', 'Explain {{ticker}}');
    writeFileSync(join(folder, 'prompts/_header.prompt'), '{{#if x}}partials may hold anything{{/if}}');
    mkdirSync(join(folder, 'prompts/support/old.prompt'));
    promptFile('support/old.prompt/triage.prompt', 'Sort {{ticket}}');
    const { code, output } = await run('-');
    expect(code).toBe(0);
    expect(output).toMatch(/^skipped .*_header\.prompt: a name that begins with _ is a partial's$/m);
    expect(output).toContain("  advisor: { type: 'TEXT'; variables: { ticker: string } };\n  triage: {");
  });

  it('gives a prompt the variables of its partials', async () => {
    const source =
      '---\nmodel: m\ninput:\n  schema:\n    ticket: string\n    tone: string\n---\nSort {{ticket}}. {{>style}}';
    writeFileSync(join(folder, 'prompts/support/triage.prompt'), source);
    writeFileSync(join(folder, 'prompts/_style.prompt'), 'Be {{tone}}.');
    expect((await run('-')).output).toContain(
      "  triage: { type: 'TEXT'; variables: { ticket: string; tone: string } };",
    );
    rmSync(join(folder, 'prompts/_style.prompt'));
    await expect(run('-')).rejects.toThrow(/triage\.prompt:8: partial \{\{>style\}\} has no file/);
  });

  it('names everything that has no type, and writes the rest', async () => {
    promptFile('advisor.prompt', 'Explain {{ticker}}');
    promptFile('block.prompt', '{{#if ticker}}x{{/if}}');
    promptFile('my letters.prompt', 'x');
    promptFile('letters.v2.prompt', 'x');
    promptFile('Same.prompt', 'x');
    promptFile('support/same.prompt', 'x');
    writeFileSync(join(folder, 'prompts/latin.prompt'), Buffer.from('H\u00e9', 'latin1'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'prompts/link.prompt'));
    execFileSync('mkfifo', [join(folder, 'prompts/pipe.prompt')]);
    const out = join(folder, 'prompts.d.ts');
    const failure: CliError = await run(out).then(
      () => expect.fail('types has to fail'),
      (error) => error,
    );

    const lines = failure.message.split('\n');
    expect(lines).toHaveLength(7);
    for (const problem of [
      /block\.prompt:4: block {{#if}} is not for Bedrock/,
      /my letters\.prompt: a prompt's name must be 1 to 100 letters.*rename the file.*promptName.*types --app cdk\.out/,
      /letters\.v2\.prompt: a prompt's name must be/,
      /two prompt files are named "Same": .*Same\.prompt and .*same\.prompt/,
      /latin\.prompt:1: the line is not UTF-8/,
      /link\.prompt: ENOENT/,
      /pipe\.prompt: expected a file, found none/,
    ]) {
      expect(failure.message).toMatch(problem);
    }
    expect(failure).toMatchObject({ exitCode: 1, fix: ['the types of 1 prompt are written: correct the rest'] });
    expect(readFileSync(out, 'utf8')).toMatch(/Prompts {\n {2}advisor: .*\n}\n$/);
  });
});
