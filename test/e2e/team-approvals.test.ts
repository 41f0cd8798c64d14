import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnOutput, Duration, Fn, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Gate, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import { startCommand } from '../cli/command-process';
import { RegistryBench } from './registry-bench';
import { session } from './reviewers';

const PREFIX = '/prompts/teams';
const TEXTS = ['Write to {{name}}.', 'Write kindly to {{name}}.', 'Write to {{name}} in {{language}}.'];

let bench: RegistryBench;
let ledger: string;
let outputs: Record<string, string>;

/** The platform's stack: a registry without prompts, a gate on every alias but STAGING, and who reviews. */
function platform(stack: Stack): void {
  const role = (roleName: string) => new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal() });
  const [author, risk, legal] = [role('Author'), role('Risk'), role('Legal')];
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: PREFIX,
    policyPropagation: Duration.seconds(0),
    reviewers: { authors: [author], risk: [risk], legal: [legal] },
    gates: { '*': [Gate.approval({ askedBy: 'authors', by: 'risk' })], STAGING: [] },
  });
  // What docs/approvals.md says that reviewers of a team's stack need besides.
  const look = new PolicyStatement({
    actions: ['cloudformation:GetTemplate', 'cloudformation:ListStackResources'],
    resources: [stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: 'Team/*' })],
  });
  for (const reviewer of [author, risk, legal]) {
    reviewer.addManagedPolicy(registry.reviewerPolicy);
    reviewer.addToPolicy(look);
  }
  const narrow = role('Narrow');
  narrow.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess'));
  const { DENY } = Effect;
  narrow.addToPolicy(
    new PolicyStatement({ effect: DENY, actions: ['lambda:GetFunctionConfiguration'], resources: ['*'] }),
  );
  const { handlers, publisherRoleName, releaserRoleName } = registry;
  for (const [name, value] of Object.entries({ ...handlers, publisherRoleName, releaserRoleName })) {
    new CfnOutput(stack, `Out${name}`, { value, exportName: `platform-${name}` });
  }
}

function team(stack: Stack, text: string, more: (prompt: Prompt) => void = () => {}): void {
  const registry = PromptRegistry.fromAttributes(stack, 'Registry', {
    parameterPrefix: PREFIX,
    handlers: {
      version: outputs.version ?? '',
      plan: Fn.importValue('platform-plan'),
      alias: outputs.alias ?? '',
    },
    publisherRoleName: outputs.publisherRoleName ?? '',
    releaserRoleName: outputs.releaserRoleName ?? '',
  });
  const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
  const prompt = new Prompt(stack, 'Letters', { registry, promptName: 'letters', variant });
  prompt.addAlias('STAGING', { target: AliasTarget.parameter() });
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  prompt.addAlias('CANARY', {
    target: AliasTarget.parameter(),
    gates: [Gate.approval({ askedBy: 'authors', by: 'legal' })],
  });
  more(prompt);
}

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Team', parameterPrefix: PREFIX, promptName: 'letters' });
  expect((await bench.deployer.deployStack('Platform', platform)).failures).toEqual([]);
  const { Outputs = [] } = (await bench.deployer.stack('Platform')) ?? {};
  outputs = Object.fromEntries(
    Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey.slice(3), OutputValue]),
  );
  ledger = Object.values(await bench.deployer.resources('Platform', 'AWS::S3::Bucket'))[0] ?? '';
  for (const text of TEXTS) {
    expect((await bench.deployer.deployStack('Team', (stack) => team(stack, text))).failures).toEqual([]);
  }
}, 300_000);
afterEach(() => {
  bench.aws.interceptors.length = 0;
});
afterAll(() => bench?.aws.stop());

/** @param who `alice of Author` */
async function run(args: readonly string[], who?: string, options: readonly string[] = ['--stack', 'Team']) {
  const [name = '', role = ''] = who?.split(' of ') ?? [];
  const credentials = who === undefined ? undefined : (await session(bench.aws, role, name)).credentials;
  const environment = bench.aws.environment(credentials) as NodeJS.ProcessEnv;
  return startCommand([...args, ...options], environment).finished;
}

/** Where the bucket is named, nothing is read of the registry's functions to find it. */
const named = () => ['--stack', 'Team', '--ledger-bucket', ledger];

async function json(args: readonly string[], who?: string) {
  const { stdout, stderr } = await run([...args, '--json'], who);
  return stdout === '' ? { failed: stderr } : JSON.parse(stdout);
}

const calls = (operation: string) => bench.aws.calls.filter((call) => call.operation === operation).length;

describe('in the stack of a team that joins a registry with gates', () => {
  it('a release is asked for, looked at, agreed to and made, with what the registry’s reviewers may', async () => {
    const asked = await run(['request', 'letters', 'PROD', '--to', ':3', '--reason', 'CHG-7'], 'alice of Author');
    expect(asked.code, asked.stderr).toBe(0);
    expect(asked.stdout).toContain('alice asked as authors: PROD of letters → version 3');
    const refused = await run(['promote', 'letters', 'PROD', '--to', ':3', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ApprovalMissing')]);
    expect(refused.stderr).toContain('nothing was moved');
    const move = await json(['review', 'letters', 'PROD'], 'bob of Risk');
    expect(move).toMatchObject({ alias: 'PROD', to: 3, way: 'forward', asked: [{ person: 'alice' }] });
    const approved = await run(['approve', 'letters', 'PROD', '--to', move.digest], 'bob of Risk');
    expect(approved.stdout, approved.stderr).toContain('nothing is missing');
    expect((await run(['check', 'letters', 'PROD', '--to', ':3'])).code).toBe(0);
    const moved = await run(['promote', 'letters', 'PROD', '--to', ':3', '--yes']);
    expect([moved.code, moved.stdout]).toEqual([0, expect.stringContaining('asked by alice, approved by bob')]);
  }, 240_000);

  it('the gates of an alias add to those of the registry', async () => {
    const asked = await json(['request', 'letters', 'CANARY', '--to', ':2'], 'alice of Author');
    expect(asked.missing.map(({ message }: { message: string }) => message).join()).toMatch(
      /by legal.*by risk|by risk.*by legal/,
    );
    const digest = asked.digest;
    const first = await json(['approve', 'letters', 'CANARY', '--to', digest], 'bob of Risk');
    expect(first.missing).toHaveLength(1);
    const second = await json(['approve', 'letters', 'CANARY', '--to', digest], 'lea of Legal');
    expect(second.missing).toEqual([]);
  }, 120_000);

  it('an alias that the registry’s gates leave out has none', async () => {
    expect(await json(['check', 'letters', 'STAGING', '--to', ':2'])).toMatchObject({ moves: [{ way: 'free' }] });
    const { code, stderr } = await run(['request', 'letters', 'STAGING', '--to', ':2'], 'alice of Author');
    expect([code, stderr]).toEqual([1, expect.stringContaining('STAGING of letters has no gate')]);
  });

  it('a comment is signed in a group of the gates, and a template is checked', async () => {
    const said = await json(['comment', 'letters:2', 'kind enough'], 'lea of Legal');
    expect(said).toMatchObject({ person: 'lea', group: 'legal' });
    const path = join(mkdtempSync(join(tmpdir(), 'team-')), 'template.json');
    const more = (prompt: Prompt) => prompt.addAlias('LIVE', { target: AliasTarget.version(2) });
    const template = await bench.synthesize((stack) => team(stack, TEXTS[2] ?? '', more));
    writeFileSync(path, template);
    const { moves } = await json(['check', '--template', path]);
    expect(moves).toEqual([expect.objectContaining({ alias: 'LIVE', to: 2, missing: [expect.anything()] })]);
  }, 120_000);

  it('where the gates may not be read, promote leaves them to the stack, and what needs them says so', async () => {
    const list = await run(['list'], 'olga of Narrow', named());
    expect([list.code, list.stdout]).toEqual([0, expect.stringContaining('requests for an approval may not be read')]);
    const plan = await run(['plan', 'letters', 'PROD', '--to', ':2'], 'olga of Narrow', named());
    expect([plan.code, plan.stderr]).toEqual([0, expect.stringContaining('the stack judges it when it plans')]);
    const { code, stderr } = await run(['check', 'letters', 'PROD', '--to', ':2'], 'olga of Narrow', named());
    expect([code, stderr]).toEqual([6, expect.stringContaining('lambda:GetFunctionConfiguration')]);
  }, 120_000);

  it('the ledger is found through the function that plans releases, by any command', async () => {
    const asked = calls('GetFunctionConfiguration');
    const list = await run(['list'], 'bob of Risk', []);
    expect([list.code, list.stdout], list.stderr).toEqual([0, expect.stringContaining('letters')]);
    // Gates and bucket stand in one place, which is read once.
    expect(calls('GetFunctionConfiguration') - asked).toBe(1);
    expect((await run(['history', 'letters', 'PROD'], 'bob of Risk', [])).stdout).toContain('asked by alice');
    expect((await run(['audit', 'log', 'letters', '--json'], undefined, [])).stdout).toContain('"PROD"');
  }, 120_000);

  it('who may not read the function names the bucket, and is asked for it', async () => {
    const refused = await run(['history', 'letters', 'PROD'], 'olga of Narrow');
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('lambda:GetFunctionConfiguration')]);
    expect(refused.stderr).toContain('stack Team has no ledger of its own');
    expect(refused.stderr).toContain('name the bucket of that registry with --ledger-bucket');
    const answered = await run(['history', 'letters', 'PROD'], 'olga of Narrow', named());
    expect([answered.code, answered.stdout]).toEqual([0, expect.stringContaining('asked by alice')]);
  }, 60_000);

  it('the way back reads no gate', async () => {
    const digest = (await json(['request', 'letters', 'PROD', '--to', ':2'], 'alice of Author')).digest;
    await run(['approve', 'letters', 'PROD', '--to', digest], 'bob of Risk');
    const forward = await run(['promote', 'letters', 'PROD', '--to', ':2', '--yes']);
    expect(forward.code, forward.stderr).toBe(0);
    bench.aws.interceptors.push(({ operation }) => {
      if (operation === 'GetFunctionConfiguration') throw new AwsError('ServiceException', 500, 'away');
    });
    const unread = await run(['promote', 'letters', 'PROD', '--to', ':3', '--yes']);
    expect([unread.code, unread.stderr]).toEqual([1, expect.stringContaining('--ledger-bucket')]);
    const before = calls('GetFunctionConfiguration');
    const back = await run(['promote', 'letters', 'PROD', '--to', ':3', '--yes'], undefined, named());
    expect([back.code, calls('GetFunctionConfiguration') - before], back.stderr).toEqual([0, 0]);
  }, 240_000);
});
