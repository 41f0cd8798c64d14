import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistriesWorld } from './registries-world';

let on: RegistriesWorld;

beforeAll(async () => {
  on = await RegistriesWorld.start();
  await on.deploy({ east: ['advisor', 'sorter'], west: ['sorter', 'writer', 'reader'] }, ['Explain', 'Answer']);
}, 300_000);
afterAll(() => on?.aws.stop());

describe('list over several registries', () => {
  it('shows each with a line of its own first, by name', async () => {
    const { code, stdout, stderr } = await on.run('list');
    expect(code, stderr).toBe(0);
    expect(stdout.match(/^✔.*$/gm)).toEqual([
      '✔ east  2 prompts, 4 aliases: parameters, stack and ledger agree',
      '✔ west  3 prompts, 6 aliases: parameters, stack and ledger agree',
    ]);
    expect(stdout).toMatch(/^writer +2 +STAGING +2 +(just now|\d+ (second|minute)s? ago) +1$/m);
  });

  it('asks neither Bedrock nor IAM nor CloudTrail, and S3 twice for each registry and once for each record it needs', async () => {
    const { calls } = await on.run('list');
    expect(new Set(calls.map(({ service }) => service))).toEqual(new Set(['cloudformation', 's3', 'ssm']));
    const count = (operation: string) => calls.filter((call) => call.operation === operation).length;
    expect(count('ListObjectsV2')).toBe(4);
    // Two records of each alias that follows the content; PROD has none but its first.
    expect(count('GetObject')).toBeLessThanOrEqual(20);
    expect(count('GetParametersByPath')).toBe(2);
  });

  it('is narrowed by --stack, by the environment and by a prompt', async () => {
    const stacks = async (args: string, environment = {}) =>
      JSON.parse((await on.run(`${args} --json`, environment)).stdout).map(
        ({ stack, prompt }: { stack: string; prompt: string }) => `${stack}/${prompt}`,
      );
    expect(await stacks('list --stack east')).toEqual(['east/advisor', 'east/sorter']);
    expect(await stacks('list', { PROMPT_REGISTRY_STACK: 'east' })).toEqual(['east/advisor', 'east/sorter']);
    expect(await stacks('list sorter')).toEqual(['east/sorter', 'west/sorter']);
    expect(await stacks('list --changed-since 2099-01-01')).toEqual([]);
    expect(await stacks('list --changed-since 1h')).toHaveLength(5);
  });

  it('shows in red what differs, first', async () => {
    const ssm = new SSMClient(on.client());
    const Name = '/prompts/west/writer/STAGING';
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    const write = (Value = '') => ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
    await write(Parameter?.Value?.replace(/2$/, '1'));
    const { stdout } = await on.run('list', { FORCE_COLOR: '1' });
    const json = JSON.parse((await on.run('list writer --json')).stdout);
    await write(Parameter?.Value);
    const red = stdout.split('\n').filter((line) => line.includes('\u001b[31m'));
    expect(red.slice(0, 2)).toEqual([
      expect.stringContaining('1 differs'),
      expect.stringContaining('writer STAGING: the parameter points to 1, the newest record of the ledger to 2'),
    ]);
    expect(json[0].aliases[0].differences).toHaveLength(1);
  });

  it('asks Bedrock on request, once for each prompt', async () => {
    const { calls, stdout } = await on.run('list --bedrock --json');
    expect(calls.filter(({ operation }) => operation === 'ListPrompts')).toHaveLength(5);
    expect(JSON.parse(stdout)[0]).toMatchObject({ prompt: 'advisor', versions: [1, 2] });
  });

  it('says which prompt may be meant', async () => {
    const { code, stderr } = await on.run('list advsior');
    expect([code, stderr]).toEqual([1, expect.stringContaining('did you mean advisor?')]);
  });
});

describe('A prompt that one of several registries has', () => {
  it('is found without --stack', async () => {
    const { code, stdout, stderr } = await on.run('history advisor --json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)[0].records).toHaveLength(2);
  });

  it('is asked for where two have it', async () => {
    const { code, stderr } = await on.run('show sorter');
    expect(code).toBe(1);
    expect(stderr).toContain('2 prompt registries with a prompt sorter');
    expect(stderr).toMatch(/--stack east\n +--stack west/);
  });

  it('is guessed where none has it', async () => {
    const { code, stderr } = await on.run('rollback wrtier PROD --yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('did you mean writer?')]);
  });
});
