import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PromptClient, type PromptClientOptions } from '../../client';
import { startCommand } from './command-process';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-snapshot-'));
  mkdirSync(join(folder, 'prompts/team'), { recursive: true });
  write('prompts/greeting.prompt', 'Greet {{name}}.');
  write('prompts/team/triage.prompt', '{{role "system"}}\nYou sort.\n{{role "user"}}\n{{ticket}}');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  const variables = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => `    ${name}: string\n`);
  const input = `input:\n  schema:\n${variables.join('')}`;
  writeFileSync(
    join(folder, path),
    `---\nmodel: amazon.nova-pro-v1:0\n${variables.length > 0 ? input : ''}---\n${text}\n`,
  );
}

const run = (...args: string[]) => startCommand(['snapshot', ...args], { AWS_REGION: '' }, folder).finished;

describe('snapshot --from', () => {
  it('writes the contents of all prompt files, without AWS, in an order of its own', async () => {
    const { code, stdout, stderr } = await run('--from', 'prompts', '--prefix', '/prompts/dev');
    expect([code, stdout, stderr]).toEqual([0, 'wrote prompt-snapshot.json: 2 prompt files for /prompts/dev\n', '']);
    const snapshot = JSON.parse((await run('--from', 'prompts', '--json')).stdout);
    expect(snapshot).toMatchObject({ schema: 1, parameterPrefix: '/prompts', aliases: {}, versions: {} });
    expect(Object.keys(snapshot.files)).toEqual(['greeting', 'triage']);
    expect(snapshot.files.greeting.templateConfiguration.text).toEqual({
      text: 'Greet {{name}}.',
      inputVariables: [{ name: 'name' }],
    });
  });

  it.each([
    [['--from', 'nowhere'], 1, 'cannot read folder nowhere'],
    [['--from', 'prompts', '--alias', 'PROD'], 64, 'files have no alias'],
    [['--from', 'prompts', '--stack', 'x'], 64, 'files have no stack'],
    [['--from', 'prompts', '--prefix', 'prompts'], 1, 'prompts'],
    [['--prefix', '/prompts'], 64, '--prefix goes with --from'],
  ])('refuses %j', async (args, expected, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout, stderr]).toEqual([expected, '', expect.stringContaining(message)]);
  });

  it('writes nothing where one of the files is wrong, and names all of these', async () => {
    write('prompts/one.prompt', '{{#if x}}{{/if}}');
    write('prompts/two.prompt', '{{{y}}}');
    const { code, stderr } = await run('--from', 'prompts', '--out', 'snapshot.json');
    expect(code).toBe(1);
    expect(stderr).toContain('one.prompt');
    expect(stderr).toContain('two.prompt');
    expect(() => rmSync(join(folder, 'snapshot.json'))).toThrow('ENOENT');
  });
});

describe('A client that starts from files', () => {
  const failing = (name: string, answered = {}) => ({
    send: () => Promise.reject(Object.assign(new Error(name), { name, ...answered })),
  });
  const refusing = (name: string) => failing(name, { $fault: 'client', $metadata: { httpStatusCode: 400 } });
  const pointing = (Value: string) => ({
    send: async (command: object) => {
      const [Name] = (command as { input: { Names: string[] } }).input.Names;
      return { Parameters: [{ Name, Value }] };
    },
  });
  const nowhere = failing('ECONNREFUSED');

  async function client(ssm: PromptClientOptions['ssm']) {
    await run('--from', 'prompts');
    const options = { parameterPrefix: '/prompts', alias: 'DEV', timeout: 200, logger: false, metrics: false } as const;
    return new PromptClient({ ...options, ssm, bedrockAgent: nowhere, snapshot: join(folder, 'prompt-snapshot.json') });
  }

  it.each([nowhere, failing('CredentialsProviderError'), refusing('ParameterNotFound')])(
    'serves them where nothing is deployed',
    async (ssm) => {
      const prompts = await client(ssm);
      const prompt = await prompts.get('greeting');
      expect([prompt.source, prompt.version]).toEqual(['fallback', undefined]);
      expect(await prompt.compile({ name: 'Ada' })).toBe('Greet Ada.');
      expect((await prompts.get('triage', { alias: 'OTHER' })).converse({ ticket: 'no light' })).toMatchObject({
        modelId: 'amazon.nova-pro-v1:0',
        system: [{ text: 'You sort.' }],
        messages: [{ role: 'user', content: [{ text: 'no light' }] }],
      });
    },
  );

  it('prefers what the registry says, be it a refusal', async () => {
    await expect((await client(refusing('AccessDeniedException'))).get('greeting')).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    await expect((await client(pointing('none'))).get('greeting')).rejects.toMatchObject({ code: 'AliasIsNone' });
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:7';
    const released = await (await client(pointing(arn))).get('greeting');
    expect([released.source, released.version]).toEqual(['registry', 7]);
    // Bedrock is out of reach: the file does not stand in for version 7.
    await expect(released.compile({ name: 'Ada' })).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  });

  it('prefers the fallback of the call, and has none for other names', async () => {
    const prompts = await client(nowhere);
    const prompt = await prompts.get('greeting', { fallback: 'Hello {{name}}.' });
    expect(await prompt.compile({ name: 'Ada' })).toBe('Hello Ada.');
    for (const name of ['greetings', 'constructor']) {
      await expect(prompts.get(name)).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    }
  });
});
