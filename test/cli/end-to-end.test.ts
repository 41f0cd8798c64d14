import { connect, createServer, type Server, type Socket } from 'node:net';
import { BedrockAgentClient, DeletePromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient, ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local-aws/aws-error';
import { type Finished, startCommand } from './command-process';
import { PREFIX, RegistryWorld, STACK } from './registry-world';

const FIRST = 'You are a balanced advisor.\nExplain {{ticker}}.';
const SECOND = 'You are a conservative advisor.\nExplain {{ticker}} in {{language}}.';
const THIRD = 'You are a bold advisor.\nExplain {{ticker}}.';
const POINTER = `${PREFIX}/advisor/PROD`;

let world: RegistryWorld;
/** What CloudFormation does at a step: nothing, or fail, or wait. */
let fault: (logicalId: string, step: string) => boolean | Promise<boolean> = () => false;

const client = () => ({ endpoint: world.aws.endpoint, region: world.aws.region, credentials: world.aws.operator });
const start = (args: string, environment: Record<string, string> = {}) =>
  startCommand(args.split(' '), { ...world.aws.environment(), ...environment });
const run = (args: string, environment: Record<string, string> = {}): Promise<Finished> =>
  start(args, environment).finished;

async function pointer(): Promise<number | null> {
  const { Parameter } = await new SSMClient(client()).send(new GetParameterCommand({ Name: POINTER }));
  const digits = /:(\d+)$/.exec(Parameter?.Value ?? '')?.[1];
  return digits ? Number(digits) : null;
}

/** Brings PROD to a version by the command itself, where it is not there. */
async function prodAt(version: number): Promise<void> {
  if ((await pointer()) === version) return;
  const { code, stderr } = await run(`promote advisor PROD --to :${version} --yes`);
  expect(code, stderr).toBe(0);
}

/** Holds the stack at PROD's parameter until it is let go. */
function hold(): () => void {
  let release: (fails: boolean) => void = () => {};
  const held = new Promise<boolean>((resolve) => {
    release = resolve;
  });
  fault = (logicalId, step) => (step === 'Update' && /^AdvisorProdParameter/.test(logicalId) ? held : false);
  return () => release(false);
}

async function executed(count: number): Promise<void> {
  const executions = () => world.aws.calls.filter(({ operation }) => operation === 'ExecuteChangeSet').length;
  for (const end = executions() + count; executions() < end; ) await new Promise((resolve) => setTimeout(resolve, 20));
}

beforeAll(async () => {
  world = await RegistryWorld.start({ cloudFormation: { failAt: (logicalId, step) => fault(logicalId, step) } });
  for (const text of [FIRST, SECOND, THIRD]) await world.deploy({ text });
}, 300_000);

afterEach(() => {
  fault = () => false;
  world.aws.interceptors.length = 0;
});

afterAll(() => world?.stop());

describe('list', () => {
  it('shows each alias with its version', async () => {
    const { code, stdout } = await run('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^advisor {2}3 +STAGING +3/m);
    expect(stdout).toMatch(/^ +FIXED +1/m);
  });

  it('answers JSON', async () => {
    const { stdout } = await run('list --json');
    expect(JSON.parse(stdout)).toMatchObject([{ prompt: 'advisor', newest: 3, versions: [1, 2, 3], withdrawn: [] }]);
  });
});

describe('promote', () => {
  it('moves an alias, after the diff and what callers must supply, and the ledger names its operation', async () => {
    await prodAt(1);
    const { code, stdout, stderr } = await run('promote advisor PROD --to :2 --yes --reason ticket-4711');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('[-balanced-]{+conservative+}');
    expect(stdout).toContain('callers must now supply language');
    expect(stdout).toContain('✔ advisor PROD  1 → 2');
    expect(stderr).toContain('AWS::SSM::Parameter');
    expect(await pointer()).toBe(2);
    const history = JSON.parse((await run('history advisor PROD --json')).stdout)[0];
    expect(history.records.at(-1)).toMatchObject({
      kind: 'promote',
      operation: expect.stringMatching(/^prompt-registry-/),
    });
    expect((await run('status advisor')).code).toBe(0);
  });

  it('sends the version of another alias as a number, and nothing but one parameter', async () => {
    await prodAt(1);
    expect((await run('promote advisor PROD --to @STAGING --yes')).code).toBe(0);
    const { input = {} } = world.aws.calls.findLast(({ operation }) => operation === 'CreateChangeSet') ?? {};
    expect(input).toMatchObject({ UsePreviousTemplate: true, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    const changed = (input.Parameters as { UsePreviousValue?: boolean }[]).filter((one) => !one.UsePreviousValue);
    expect(changed).toEqual([{ ParameterKey: 'AdvisorProdVersion', ParameterValue: '3' }]);
  });

  it('says that an alias is there already, and changes nothing', async () => {
    await prodAt(2);
    const before = world.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet').length;
    const { code, stdout } = await run('promote advisor PROD --to :2 --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('points to 2 already')]);
    expect(world.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet')).toHaveLength(before);
  });

  it('never asks without a terminal', async () => {
    const before = world.aws.calls.length;
    const { code, stderr } = await run('promote advisor PROD --to :2');
    expect([code, stderr]).toEqual([64, expect.stringContaining('--yes')]);
    expect(world.aws.calls).toHaveLength(before);
  });

  it('refuses an alias that source pins, and says so', async () => {
    const { code, stderr } = await run('promote advisor FIXED --to :2 --yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('pinned to version 1 in source')]);
  });

  it.each([
    ['promote advisor PROD --to :9 --yes', 'the prompt has versions 1'],
    ['promote advisor PROD --to draft --yes', 'cannot point to draft'],
    ['promote advisor PROD --to latest --yes', 'names no version'],
    ['promote advisor prod --to :2 --yes', 'did you mean PROD?'],
    ['promote nobody PROD --to :2 --yes', 'prompts there: advisor'],
    ['promote advisor PROD --yes', 'missing --to'],
  ])('refuses %s', async (args, message) => {
    const { code, stderr } = await run(args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('that CloudFormation rolls back exits with 4, says what failed, and leaves the alias', async () => {
    await prodAt(1);
    fault = (logicalId, step) => step === 'Update' && /^AdvisorProdParameter/.test(logicalId);
    const { code, stderr } = await run('promote advisor PROD --to :2 --yes');
    expect(code).toBe(4);
    expect(stderr).toContain('CloudFormation rolled the release back: advisor PROD points to 1, as before');
    expect(stderr).toMatch(/why +AdvisorProdParameter/);
    expect(await pointer()).toBe(1);
    expect((await run('status advisor')).code).toBe(0);
  });

  it('interrupted in the middle says that CloudFormation goes on, and how to stop it', async () => {
    await prodAt(1);
    const letGo = hold();
    const { child, finished } = start('promote advisor PROD --to :2 --yes');
    await executed(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    letGo();
    expect(code).toBe(130);
    expect(stderr).toContain('CloudFormation goes on with the release of advisor PROD to 2');
    expect(stderr).toContain(`aws cloudformation cancel-update-stack --stack-name ${STACK}`);
    expect(await world.settled()).toBe('UPDATE_COMPLETE');
    expect(await pointer()).toBe(2);
  });

  it('interrupted before CloudFormation began leaves no change set behind', async () => {
    await prodAt(1);
    world.aws.interceptors.push(async ({ operation }) => {
      if (operation === 'ListEntitiesForPolicy') await new Promise((resolve) => setTimeout(resolve, 3_000));
    });
    const { child, finished } = start('promote advisor PROD --to :2 --yes');
    while (world.aws.calls.at(-1)?.operation !== 'ListEntitiesForPolicy')
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining('nothing was moved')]);
    expect(world.aws.calls.at(-1)?.operation).toBe('DeleteChangeSet');
    expect(await pointer()).toBe(1);
  });

  it('says that the release may go on when the endpoint is gone in the middle', async () => {
    await prodAt(1);
    const letGo = hold();
    const cable = await openCable(Number(new URL(world.aws.endpoint).port));
    const { finished } = start('promote advisor PROD --to :2 --yes', { AWS_ENDPOINT_URL: cable.endpoint });
    await executed(1);
    await cable.cut();
    const { code, stderr } = await finished;
    letGo();
    expect([code, stderr]).toEqual([7, expect.stringContaining('the release may go on without us')]);
    expect(await world.settled()).toBe('UPDATE_COMPLETE');
  });

  it('on a busy stack exits with 3 and prints the line that stops the other update', async () => {
    await prodAt(1);
    const letGo = hold();
    const first = start('promote advisor PROD --to :2 --yes');
    await executed(1);
    const { code, stderr } = await run('promote advisor PROD --to :3 --yes');
    letGo();
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`aws cloudformation cancel-update-stack --stack-name ${STACK}`),
    ]);
    expect((await first.finished).code).toBe(0);
  });
});

describe('plan', () => {
  const plan = async (to: string) => JSON.parse((await run(`plan advisor PROD --to ${to} --json`)).stdout);

  it('shows who may use what before and after, and moves nothing', async () => {
    await prodAt(1);
    const planned = await plan(':2');
    expect(planned).toMatchObject({
      ...{ id: expect.stringMatching(/^arn:aws:cloudformation:.*:changeSet\//), from: 1, to: 2, callers: [] },
      ...{ variables: { added: ['language'], removed: [] }, callable: { after: [2, 1] }, gates: [] },
    });
    expect(await pointer()).toBe(1);
  });

  it('is executed by its id alone', async () => {
    await prodAt(1);
    const { id } = await plan(':2');
    const { code, stderr } = await run(`promote advisor PROD --plan ${id} --yes`);
    expect(code, stderr).toBe(0);
    expect(await pointer()).toBe(2);
  });

  it('is stale once the stack changed: refused with 5, and the alias stays', async () => {
    await prodAt(1);
    const { id } = await plan(':2');
    await prodAt(3);
    const { code, stderr } = await run(`promote advisor PROD --plan ${id} --yes`);
    expect([code, stderr]).toEqual([5, expect.stringContaining('the plan is stale: nothing was moved')]);
    expect(await pointer()).toBe(3);
  });

  it('of another version than the one that is named is refused', async () => {
    await prodAt(1);
    const { id } = await plan(':2');
    const { code, stderr } = await run(`promote advisor PROD --to :3 --plan ${id} --yes`);
    expect([code, stderr]).toEqual([1, expect.stringContaining('parameter AdvisorProdVersion')]);
  });

  it('made twice at once: one wins, the other says that it did not', async () => {
    await prodAt(1);
    const ids = [(await plan(':2')).id, (await plan(':3')).id];
    const ends = await Promise.all(ids.map((id) => run(`promote advisor PROD --plan ${id} --yes`)));
    const codes = ends.map(({ code }) => code);
    expect(codes.filter((code) => code === 0)).toHaveLength(1);
    expect([3, 5]).toContain(codes.find((code) => code !== 0));
    expect(await pointer()).toBe(codes[0] === 0 ? 2 : 3);
  });

  it('is refused where the update would touch anything else', async () => {
    await prodAt(1);
    const ssm = new SSMClient(client());
    await ssm.send(new PutParameterCommand({ Name: '/other/team', Value: 'one', Type: 'String' }));
    const extra = (stack: ConstructorParameters<typeof CfnParameter>[0]) => {
      new CfnParameter(stack, 'Bystander', { name: '/copy', type: 'String', value: '{{resolve:ssm:/other/team}}' });
    };
    await world.deploy({ text: THIRD, extra });
    await ssm.send(new PutParameterCommand({ Name: '/other/team', Value: 'two', Overwrite: true }));
    const { code, stderr } = await run('plan advisor PROD --to :2');
    expect([code, stderr]).toEqual([1, expect.stringContaining('modify Bystander (AWS::SSM::Parameter)')]);
    expect(world.aws.calls.at(-1)?.operation).toBe('DeleteChangeSet');
    await world.deploy({ text: THIRD });
  });
});

describe('rollback', () => {
  it('goes to the version before, in one command', async () => {
    await prodAt(1);
    await prodAt(2);
    const { code, stdout } = await run('rollback advisor PROD --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('✔ advisor PROD  2 → 1')]);
    expect((await run('list')).stdout).toContain('2 (left over)');
  });

  it('with --withdraw takes the bad version from all callers in the same update', async () => {
    await prodAt(1);
    await prodAt(2);
    const { code, stdout } = await run('rollback advisor PROD --withdraw --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 → 1, 2 withdrawn')]);
    const refused = await run('promote advisor PROD --to :2 --yes');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it is withdrawn')]);
    expect((await run('status advisor')).code).toBe(0);
    await world.deploy({ text: THIRD }, { AdvisorWithdrawnVersions: 'none' });
  });
});

describe('status', () => {
  it('exits with 2 where somebody wrote the parameter by hand, and says how it differs', async () => {
    await prodAt(1);
    const ssm = new SSMClient(client());
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: POINTER }));
    const write = (Value?: string) => ssm.send(new PutParameterCommand({ Name: POINTER, Value, Overwrite: true }));
    await write(Parameter?.Value?.replace(/1$/, '3'));
    const { code, stdout } = await run('status advisor');
    await write(Parameter?.Value);
    expect(code).toBe(2);
    expect(stdout).toContain('the parameter points to 3, the newest record of the ledger to 1');
    expect(stdout).toContain('stack parameter AdvisorProdVersion says 1, the alias points to 3');
    expect(stdout).toContain('✖ policy');
  });
});

describe('A version that Bedrock no longer holds', () => {
  it('is shown, compared and restored from the archive', async () => {
    await prodAt(1);
    const { promptId } = JSON.parse((await run('show advisor:2 --json')).stdout);
    await new BedrockAgentClient(client()).send(
      new DeletePromptCommand({ promptIdentifier: promptId, promptVersion: '2' }),
    );
    expect((await run('show advisor:2')).stdout).toContain('from the archive, no longer in Bedrock');
    expect((await run('diff advisor :1 :2 --words')).stdout).toContain('[-balanced-]{+conservative+}');
    expect((await run('restore advisor :2 --out -')).stdout).toContain(SECOND);
  });
});

describe('Without what it needs', () => {
  it('a permission: says which one, with exit code 6', async () => {
    const environment = await roleEnvironment([
      'cloudformation:Describe*',
      'cloudformation:List*',
      'cloudformation:Get*',
      'ssm:*',
      'bedrock:*',
      's3:*',
    ]);
    const { code, stderr } = await run('promote advisor PROD --to :3 --yes', environment);
    expect([code, stderr]).toEqual([6, expect.stringContaining('cloudformation:CreateChangeSet')]);
  });

  it('the permission to see who holds the policy: plans all the same', async () => {
    const environment = await roleEnvironment(['cloudformation:*', 'ssm:*', 'bedrock:*', 's3:*', 'lambda:*']);
    const { code, stdout, stderr } = await run('plan advisor PROD --to :3', environment);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('iam:ListEntitiesForPolicy is not allowed to you');
  });

  it('a stack of this name: says so', async () => {
    const { code, stderr } = await run('list --stack Nowhere');
    expect([code, stderr]).toEqual([1, expect.stringContaining('no stack Nowhere in this account and Region')]);
  });

  it('valid credentials: says that they expired', async () => {
    world.aws.interceptors.push(() => {
      throw new AwsError('ExpiredToken', 403, 'The security token included in the request is expired');
    });
    const { code, stderr } = await run('list');
    expect([code, stderr]).toEqual([6, expect.stringContaining('the AWS credentials have expired')]);
  });

  it('any credentials: says how to get some', async () => {
    const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };
    const { code, stderr } = await run('list', none);
    expect([code, stderr]).toEqual([6, expect.stringContaining('no AWS credentials')]);
  });

  it('an endpoint that answers: says so', async () => {
    const { code, stderr } = await run('list', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot reach AWS')]);
  });

  it('a registry in the Region: says so', async () => {
    const empty = await RegistryWorld.start();
    const { code, stderr } = await startCommand(['list'], empty.aws.environment()).finished;
    await empty.stop();
    expect([code, stderr]).toEqual([1, expect.stringContaining('no prompt registry in us-east-1')]);
  });
});

describe('A stack whose rollback failed', () => {
  it('takes no release: exit code 3 and the line that goes on with it', async () => {
    await prodAt(1);
    fault = (logicalId, step) =>
      /^AdvisorProdParameter/.test(logicalId) || (step === 'Rollback' && /^AdvisorProdAlias/.test(logicalId));
    const failed = await run('promote advisor PROD --to :3 --yes');
    fault = () => false;
    expect(await world.settled()).toBe('UPDATE_ROLLBACK_FAILED');
    const { code, stderr } = await run('promote advisor PROD --to :3 --yes');
    for (const end of [failed, { code, stderr }]) {
      expect([end.code, end.stderr]).toEqual([
        3,
        expect.stringContaining(`aws cloudformation continue-update-rollback --stack-name ${STACK}`),
      ]);
    }
    await new CloudFormationClient(client()).send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
    expect(await world.settled()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await pointer()).toBe(1);
  });
});

async function roleEnvironment(Action: readonly string[]): Promise<Record<string, string>> {
  const RoleName = `somebody-${Action.length}`;
  const iam = new IAMClient(client());
  const Principal = { AWS: `arn:aws:iam::${world.aws.account}:root` };
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
  const { Credentials } = await new STSClient(client()).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'test' }),
  );
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
  };
}

/** A port that leads to another until it is cut. */
async function openCable(port: number): Promise<{ endpoint: string; cut(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`, cut };
}
