import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { promptTypes } from '../../../core/prompt-file/prompt-types';

const prompt = (name: string, templateType: 'TEXT' | 'CHAT', ...variables: string[]) => {
  const inputVariables = variables.map((name) => ({ name }));
  const templateConfiguration =
    templateType === 'TEXT' ? { text: { text: 'x', inputVariables } } : { chat: { messages: [], inputVariables } };
  return { name, variant: { templateType, templateConfiguration } };
};

const PROMPTS = [
  prompt('support-triage', 'CHAT', 'ticket', 'customer-name'),
  prompt('financial-analysis', 'TEXT', 'ticker'),
  prompt('motto', 'TEXT'),
];

describe('promptTypes', () => {
  it('writes one type per prompt, in one order whatever the order of the files', () => {
    expect(promptTypes(PROMPTS)).toBe(`/* Written by \`prompt-registry types\` from the prompt files; do not edit. */
export interface Prompts {
  'financial-analysis': { type: 'TEXT'; variables: { ticker: string } };
  motto: { type: 'TEXT'; variables: Record<string, never> };
  'support-triage': { type: 'CHAT'; variables: { 'customer-name': string; ticket: string } };
}
`);
    expect(promptTypes(PROMPTS.toReversed())).toBe(promptTypes(PROMPTS));
  });

  it('refuses two prompts of one name', () => {
    expect(() => promptTypes([...PROMPTS, prompt('motto', 'TEXT', 'x')])).toThrow(
      /two prompt files are named "motto"; each prompt of a registry needs a name of its own/,
    );
  });
});

describe('with these types, tsc', () => {
  // Inside the checkout, so that it finds the same packages.
  const folder = mkdtempSync(join(resolve(__dirname, '../../..'), 'node_modules/.prompt-types-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const check = async (lines: string[]): Promise<string[]> => {
    mkdirSync(folder, { recursive: true });
    const client = resolve(__dirname, '../../../client');
    const head = [
      `import { PromptClient } from '${client}';`,
      "import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';",
      "import type { Prompts } from './prompts';",
      "const prompts = PromptClient.fromEnvironment<Prompts>({ alias: 'PROD' });",
      "const any = new PromptClient({ parameterPrefix: '/p' });",
      'export async function use() {',
    ];
    writeFileSync(join(folder, 'prompts.d.ts'), promptTypes(PROMPTS));
    writeFileSync(
      join(folder, 'use.ts'),
      [...head, ...lines, '  void [prompts, any, ConverseCommand];', '}', ''].join('\n'),
    );
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      target: 'ES2022',
      lib: ['ES2023'],
    };
    const compilerOptions = { ...options, module: 'CommonJS', moduleResolution: 'bundler', esModuleInterop: true };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['use.ts', 'prompts.d.ts'] }),
    );
    const tsc = resolve(__dirname, '../../../node_modules/typescript/bin/tsc');
    const output = await new Promise<string>((done) =>
      execFile(process.execPath, [tsc, '-p', folder], (_e, out) => done(out)),
    );
    return output.split('\n').flatMap((line) => {
      const [, number, code] = /\((\d+),\d+\): error (TS\d+)/.exec(line) ?? [];
      return number
        ? [`${lines[Number(number) - head.length - 1]?.trim()} → ${code}`]
        : /error/.test(line)
          ? [line]
          : [];
    });
  };

  it('accepts what is right', async () => {
    const errors = await check([
      "  const prompt = await prompts.get('financial-analysis');",
      "  const text: string = await prompt.compile({ ticker: 'AMZN' });",
      "  const request = new ConverseCommand(prompt.converse({ ticker: 'AMZN' }, { sessionId: 's' }));",
      "  const { system, messages } = await (await prompts.get('support-triage')).compile({ ticket: 't', 'customer-name': 'c' });",
      "  await prompts.run('motto', {}, async (input) => new ConverseCommand(input));",
      "  const either: string | object = await (await any.get('anything')).compile({ whatever: 'x' });",
      '  void [text, request, system, messages, either];',
    ]);
    expect(errors).toEqual([]);
  });

  it('refuses a missing, a misspelt and a wrongly typed variable, and an unknown prompt', async () => {
    const errors = await check([
      "  const prompt = await prompts.get('financial-analysis');",
      '  prompt.converse({});',
      "  prompt.converse({ tickr: 'AMZN' });",
      "  prompt.converse({ ticker: 'AMZN', date: 'now' });",
      '  await prompt.compile({ ticker: 7 });',
      "  await prompts.run('motto', { x: 'y' }, async () => 1);",
      "  await prompts.get('financal-analysis');",
    ]);
    expect(errors).toEqual([
      'prompt.converse({}); → TS2741',
      "prompt.converse({ tickr: 'AMZN' }); → TS2561",
      "prompt.converse({ ticker: 'AMZN', date: 'now' }); → TS2353",
      'await prompt.compile({ ticker: 7 }); → TS2322',
      "await prompts.run('motto', { x: 'y' }, async () => 1); → TS2322",
      "await prompts.get('financal-analysis'); → TS2345",
    ]);
  });
});
