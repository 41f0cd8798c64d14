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

  it('asks neither Bedrock nor IAM nor CloudTrail, and S3 three times for each registry and once for each record it needs', async () => {
    const { calls } = await on.run('list');
    expect(new Set(calls.map(({ service }) => service))).toEqual(new Set(['cloudformation', 's3', 'ssm']));
    const count = (operation: string) => calls.filter((call) => call.operation === operation).length;
    expect(count('ListObjectsV2')).toBe(6);
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

describe('status without a prompt', () => {
  it('looks at all prompts, quick things first, and asks Bedrock once for each content', async () => {
    const { code, stdout, stderr, calls } = await on.run('status');
    expect(code, stdout + stderr).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('✔'))).toEqual([
      '✔ east  2 prompts, 4 aliases: parameters, stack and ledger agree',
      '✔ west  3 prompts, 6 aliases: parameters, stack and ledger agree',
      '✔ east  policies, Bedrock, whole ledger and bucket agree',
      '✔ west  policies, Bedrock, whole ledger and bucket agree',
    ]);
    const contents = calls.filter(({ operation }) => operation === 'GetPrompt');
    // Of each prompt its two callable versions and the draft, whose key the policy opens.
    expect(contents).toHaveLength(5 * 3);
    // For its own settings and for the roles in its policy.
    expect(calls.filter(({ operation }) => operation === 'GetBucketPolicy')).toHaveLength(2);
    expect(calls.findIndex(({ service }) => service === 'bedrock-agent' || service === 'iam')).toBeGreaterThan(
      calls.findLastIndex(({ operation }) => operation === 'GetTemplate'),
    );
  });

  it('answers what it answers for each prompt, as a list', async () => {
    const all = JSON.parse((await on.run('status --json')).stdout);
    const one = JSON.parse((await on.run('status advisor --json')).stdout);
    expect(all).toHaveLength(5);
    expect(all[0]).toEqual(one);
  });

  it('names what may not be read and shows the rest, with exit code 6', async () => {
    const { code, stdout } = await on.run('status', may('cloudformation:*', 'ssm:*', 's3:*', 'bedrock:*'));
    expect(code).toBe(6);
    expect(stdout).toContain('✔ east  2 prompts, 4 aliases: parameters, stack and ledger agree');
    expect(stdout).toContain('• east  policies, Bedrock, whole ledger and bucket: not all could be read');
    expect(stdout).toMatch(/advisor PROD: the policies could not be read: .*iam:GetPolicy/);
  });
});

describe('history without a prompt', () => {
  it('shows all releases of each registry, newest first, and which are live', async () => {
    const { code, stdout, calls } = await on.run('history');
    expect(code).toBe(0);
    const rows = stdout.split('\n').filter((line) => /^\d{4}-/.test(line));
    expect(rows.map((row) => row.slice(0, 20)).slice(0, 4)).toEqual(
      rows
        .map((row) => row.slice(0, 20))
        .slice(0, 4)
        .sort()
        .reverse(),
    );
    // STAGING moved twice, PROD never: it has no version yet.
    expect(rows.filter((row) => row.includes('live'))).toHaveLength(5);
    expect(rows.find((row) => row.includes('writer'))).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC +writer +STAGING +#2 +promote +1 → 2 live$/,
    );
    expect(new Set(calls.map(({ service }) => service))).toEqual(new Set(['cloudformation', 's3', 'ssm']));
  });

  it('goes back as far as it is told', async () => {
    expect((await on.run('history --since 2099-01-01')).stdout).toContain('no release since 2099-01-01 00:00:00 UTC');
    expect((await on.run('history -n 1')).stdout).toContain('• the newest 1: -n or --since shows others');
    const all = JSON.parse((await on.run('history --since 1d --json')).stdout);
    expect(all).toHaveLength(10);
    expect(all[0]).toMatchObject({ stack: 'east', prompt: 'advisor', alias: 'STAGING', version: 2, findings: [] });
    expect(await on.run('history -n none')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('is no number'),
    });
  });
});

describe('audit log without a prompt', () => {
  it('tells of all prompts of each registry, and asks CloudTrail once for each', async () => {
    const { code, stdout, stderr } = await on.run('audit log --since 1d');
    expect(code, stderr).toBe(0);
    expect(stdout.match(/^✔.*$/gm)).toEqual([
      '✔ east  4 releases, 0 withdrawals, 4 publications  all chains ok',
      '✔ west  6 releases, 0 withdrawals, 6 publications  all chains ok',
    ]);
    const logs = JSON.parse((await on.run('audit log --json')).stdout);
    expect(logs.map(({ prompt }: { prompt: string }) => prompt)).toEqual([
      ...'advisor sorter reader sorter writer'.split(' '),
    ]);
    const one = JSON.parse((await on.run('audit log writer --json')).stdout);
    expect(logs[4].rows).toEqual(one.rows);
    const csv = (await on.run('audit log --csv --since 1d')).stdout;
    expect(csv.split('\r\n').filter((line) => line.includes('"writer"'))).toHaveLength(4);
  });
});

describe('A registry that may not be read in part', () => {
  const CLOUDFORMATION = 'cloudformation:*';
  it.each([
    [['ssm:*'], /• the ledger could not be read: .*s3:ListBucket[\s\S]*^writer +2 +STAGING +2/m],
    [
      ['s3:*'],
      /• the parameters of the aliases could not be read: .*ssm:GetParametersByPath[\s\S]*^writer +2 +STAGING +2/m,
    ],
    [
      ['ssm:*', 's3:ListBucket'],
      /• the records of the ledger could not be read: .*s3:GetObject[\s\S]*^writer +2 +STAGING +2/m,
    ],
  ])('is listed as far as %j tells, and says the rest', async (actions, expected) => {
    const { code, stdout } = await on.run('list', may(CLOUDFORMATION, ...actions));
    expect(stdout).toMatch(expected);
    expect(stdout).toContain('• west  3 prompts, 6 aliases: not all could be read');
    expect(code).toBe(6);
  });

  it('is left out where its template is not to be read', async () => {
    const denied = { Effect: 'Deny', Action: 'cloudformation:GetTemplate', Resource: '*' };
    const west = { ...denied, Resource: `arn:aws:cloudformation:*:*:stack/west/*` };
    const { code, stdout, stderr } = await on.run('list', as([{ Effect: 'Allow', Action: '*', Resource: '*' }, west]));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✔ east/);
    expect(stderr).toMatch(/^• stack west could not be looked into: .*cloudformation:GetTemplate/m);
  });
});

describe('Rights that are missing', () => {
  const WEST = 'arn:aws:ssm:*:*:parameter/prompts/west*';

  it.each([
    ['to all parameters', () => may('cloudformation:*', 's3:*', 'bedrock:*', 'iam:*'), ['east', 'west']],
    ['to the parameters of one registry', () => allBut('ssm:GetParametersByPath', WEST), ['west']],
  ])('%s leave status the rest', async (_, rights, without) => {
    const who = rights();
    const { code, stdout, stderr } = await on.run('status', who);
    expect(code, stderr).toBe(6);
    for (const stack of ['east', 'west']) {
      const verdict = without.includes(stack) ? 'not all could be read' : 'agree';
      expect(stdout).toMatch(new RegExp(`${stack}  policies, Bedrock, whole ledger and bucket:? ${verdict}$`, 'm'));
    }
    expect(
      stdout.match(/^ {2}• the parameters of the aliases could not be read: .*ssm:GetParametersByPath/gm),
    ).toHaveLength(without.length);
    expect(stdout).not.toContain('writer STAGING');
    const { aliases } = JSON.parse((await on.run('status writer --json', who)).stdout);
    const [, staging] = aliases.sort((a: { alias: string }, b: { alias: string }) => (a.alias < b.alias ? -1 : 1));
    expect(staging).toMatchObject({ alias: 'STAGING', version: 2, callable: [2, 1] });
    expect(staging.checks.map(({ what }: { what: string }) => what)).toEqual(['policy', 'ledger', 'bedrock']);
  });

  it('to one stack keep nobody from the status of the others', async () => {
    const who = allBut('cloudformation:DescribeStacks', 'arn:aws:cloudformation:*:*:stack/east/*');
    const { code, stdout, stderr } = await on.run('status', who);
    expect([code, stderr]).toEqual([6, expect.stringMatching(/^• stack east could not be compared: AWS refuses/m)]);
    expect(stdout).toContain('✔ west  policies, Bedrock, whole ledger and bucket agree');
    const compared = JSON.parse((await on.run('status --json', who)).stdout);
    expect(new Set(compared.map(({ stack }: { stack: string }) => stack))).toEqual(new Set(['west']));
  });

  it('to every template are an error, and no empty list', async () => {
    for (const args of ['list --json', 'status', 'history']) {
      const { code, stdout, stderr } = await on.run(args, allBut('cloudformation:GetTemplate', '*'));
      expect([args, code, stdout]).toEqual([args, 6, '']);
      expect(stderr).toMatch(/^error {2}AWS refuses: a permission is missing$/m);
    }
  });

  it('are said beside JSON, which has no place for it', async () => {
    const listed = await on.run('list --json', may('cloudformation:*', 'ssm:*'));
    expect(listed.code).toBe(6);
    expect(listed.stderr).toMatch(/^• east: the ledger could not be read: /m);
    expect(JSON.parse(listed.stdout)).toHaveLength(5);
    const history = await on.run('history advisor', may('cloudformation:*', 's3:*'));
    expect([history.code, history.stdout]).toEqual([0, expect.not.stringContaining('live')]);
    expect(history.stderr).toMatch(/^• east: the parameters of the aliases could not be read: /m);
  });
});

/** Who may only this. */
function may(...Action: string[]) {
  return as([{ Effect: 'Allow', Action, Resource: '*' }]);
}

function allBut(Action: string, Resource: string) {
  return as([
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action, Resource },
  ]);
}

function as(Statement: object[]) {
  return on.aws.environment(on.aws.user('somebody', [{ Version: '2012-10-17', Statement }]));
}

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

describe('A release', () => {
  it('says what it waits for, with a prompt and an alias that one registry has', async () => {
    const { code, stderr } = await on.run('promote writer PROD --to :1 --yes');
    expect(code, stderr).toBe(0);
    expect(stderr.match(/waiting 1 s for IAM to spread the policy/g)).toHaveLength(1);
  });
});
