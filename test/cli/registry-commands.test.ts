import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BedrockAgentClient, DeletePromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient, ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../packages/local-aws/aws-error';
import { startCommand } from './command-process';
import { CommandWorld, POINTER, SECOND } from './command-world';
import { RegistryWorld, STACK } from './registry-world';

const on = CommandWorld.forThisFile();

describe('list', () => {
  it('shows each alias with its version', async () => {
    const { code, stdout } = await on.run('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^advisor {2}3 +STAGING +3/m);
    expect(stdout).toMatch(/^ +FIXED +1/m);
  });

  it('answers JSON', async () => {
    const { stdout } = await on.run('list --json');
    expect(JSON.parse(stdout)).toMatchObject([{ prompt: 'advisor', newest: 3, versions: [1, 2, 3], withdrawn: [] }]);
  });
});

describe('status', () => {
  it('exits with 2 where somebody wrote the parameter by hand, and says how it differs', async () => {
    await on.prodAt(1);
    const ssm = new SSMClient(on.client());
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: POINTER }));
    const write = (Value?: string) => ssm.send(new PutParameterCommand({ Name: POINTER, Value, Overwrite: true }));
    await write(Parameter?.Value?.replace(/1$/, '3'));
    const { code, stdout } = await on.run('status advisor');
    await write(Parameter?.Value);
    expect(code).toBe(2);
    expect(stdout).toContain('the parameter points to 3, the newest record of the ledger to 1');
    expect(stdout).toContain('stack parameter AdvisorProdVersion says 1, the alias points to 3');
    expect(stdout).toContain('✖ policy');
  });
});

describe('A version that Bedrock no longer holds', () => {
  it('is shown, compared and restored from the archive', async () => {
    await on.prodAt(1);
    const { promptId } = JSON.parse((await on.run('show advisor:2 --json')).stdout);
    await new BedrockAgentClient(on.client()).send(
      new DeletePromptCommand({ promptIdentifier: promptId, promptVersion: '2' }),
    );
    expect((await on.run('show advisor:2')).stdout).toContain('from the archive, no longer in Bedrock');
    expect((await on.run('diff advisor :1 :2 --words')).stdout).toContain('[-balanced-]{+conservative+}');
    expect((await on.run('restore advisor :2 --out -')).stdout).toContain(SECOND);
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
    const { code, stderr } = await on.run('promote advisor PROD --to :3 --yes', environment);
    expect([code, stderr]).toEqual([6, expect.stringContaining('cloudformation:CreateChangeSet')]);
  });

  it('the permission to see who holds the policy: plans all the same', async () => {
    const environment = await roleEnvironment(['cloudformation:*', 'ssm:*', 'bedrock:*', 's3:*', 'lambda:*']);
    const { code, stdout, stderr } = await on.run('plan advisor PROD --to :3', environment);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('iam:ListEntitiesForPolicy is not allowed to you');
  });

  it('the permission to list the ledger: compares all the same, and says that it does not know who and why', async () => {
    const environment = await roleEnvironment(['cloudformation:*', 'ssm:*', 'bedrock:*', 's3:GetObject']);
    const page = join(mkdtempSync(join(tmpdir(), 'diff-')), 'page.html');
    const { code, stderr } = await on.run(`diff advisor :1 @STAGING --html ${page}`, environment);
    expect(code, stderr).toBe(0);
    const text = readFileSync(page, 'utf8');
    rmSync(dirname(page), { recursive: true });
    expect(text).toMatch(/published <time.*<dt>Who<\/dt><dd>the ledger may not be read</);
    expect(text).toContain('released to STAGING, it is not known when</dd><dt>Who</dt><dd>the ledger may not be read<');
  });

  it('a stack of this name: says so', async () => {
    const { code, stderr } = await on.run('list --stack Nowhere');
    expect([code, stderr]).toEqual([1, expect.stringContaining('no stack Nowhere in this account and Region')]);
  });

  it('valid credentials: says that they expired', async () => {
    on.aws.interceptors.push(() => {
      throw new AwsError('ExpiredToken', 403, 'The security token included in the request is expired');
    });
    const { code, stderr } = await on.run('list');
    expect([code, stderr]).toEqual([6, expect.stringContaining('the AWS credentials have expired')]);
  });

  it('any credentials: says how to get some', async () => {
    const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };
    const { code, stderr } = await on.run('list', none);
    expect([code, stderr]).toEqual([6, expect.stringContaining('no AWS credentials')]);
  });

  it('an endpoint that answers: says so', async () => {
    const { code, stderr } = await on.run('list', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
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
    await on.prodAt(1);
    on.fault = (logicalId, step) =>
      /^AdvisorProdParameter/.test(logicalId) || (step === 'Rollback' && /^AdvisorProdAlias/.test(logicalId));
    const failed = await on.run('promote advisor PROD --to :3 --yes');
    on.fault = () => false;
    expect(await on.world.settled()).toBe('UPDATE_ROLLBACK_FAILED');
    const { code, stderr } = await on.run('promote advisor PROD --to :3 --yes');
    for (const end of [failed, { code, stderr }]) {
      expect([end.code, end.stderr]).toEqual([
        3,
        expect.stringContaining(`aws cloudformation continue-update-rollback --stack-name ${STACK}`),
      ]);
    }
    await new CloudFormationClient(on.client()).send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
    expect(await on.world.settled()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await on.pointer()).toBe(1);
  });
});

async function roleEnvironment(Action: readonly string[]): Promise<Record<string, string>> {
  const RoleName = `somebody-${Action.length}`;
  const iam = new IAMClient(on.client());
  const Principal = { AWS: `arn:aws:iam::${on.aws.account}:root` };
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
  const { Credentials } = await new STSClient(on.client()).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'test' }),
  );
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
  };
}
