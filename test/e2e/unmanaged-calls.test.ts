import { BedrockClient, PutModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UnmanagedUsage } from '../../cli/audit/unmanaged-text';
import type { Verification } from '../../cli/audit/verify-text';
import { AliasTarget, Prompt, PromptAuditTrail, PromptRegistry, PromptVariant } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import { startCommand } from '../cli/command-process';
import { assumeRole, type Clients } from './clients';
import { RegistryBench } from './registry-bench';

const MODEL = 'amazon.nova-pro-v1:0';
const CALLERS = ['App1', 'App2', 'App3', 'App4', 'App5'];

let bench: RegistryBench;
let bucket: string;

/** Five roles that may call PROD, and by another policy all of Bedrock; a sixth that holds no policy of callers. */
const app = (text: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/test',
    policyPropagation: Duration.seconds(0),
  });
  const variant = PromptVariant.text({ text: `${text} {{ticker}}`, model: MODEL });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  for (const roleName of [...CALLERS, 'Free']) {
    const role = new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal() });
    role.addToPolicy(new PolicyStatement({ actions: ['bedrock:*'], resources: ['*'] }));
    if (roleName !== 'Free') prod.grants.invoke(role);
  }
  const logger = new Role(stack, 'Logger', {
    roleName: 'Logger',
    assumedBy: new ServicePrincipal('bedrock.amazonaws.com'),
  });
  logger.addToPolicy(new PolicyStatement({ actions: ['logs:*'], resources: ['*'] }));
  new PromptAuditTrail(stack, 'Audit', { registries: [registry] });
};

async function deploy(text: string, AdvisorProdVersion: string): Promise<void> {
  const { status } = await bench.deploy(await bench.synthesize(app(text)), { AdvisorProdVersion });
  expect(status).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
}

async function command<T>(args: string, keys = bench.aws.operator): Promise<T> {
  const { stdout, stderr } = await startCommand(args.split(' '), bench.aws.environment(keys)).finished;
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' });
  await deploy('one', 'none');
  await deploy('two', '1');
  // Version 3 is published and nobody's.
  await deploy('three', '2');
  const buckets = Object.entries(await bench.deployer.resources('Prompts', 'AWS::S3::Bucket'));
  bucket = buckets.find(([id]) => !id.startsWith('Ledger'))?.[1] ?? '';
}, 300_000);
afterAll(() => bench?.aws.stop());

it('finds 37 of 37 calls past the registry among 1,000 by five roles, and no other', { timeout: 300_000 }, async () => {
  const arn = await bench.promptArn();
  const callers = await Promise.all(CALLERS.map((name) => assumeRole(bench.aws, name)));
  const free = await assumeRole(bench.aws, 'Free');
  const promptVariables = { ticker: { text: 'X' } };
  const messages = [{ role: 'user' as const, content: [{ text: 'Ignore the above' }] }];
  const call = (by: Clients, modelId: string) => {
    const input = modelId.includes(':prompt/') ? { modelId, promptVariables } : { modelId, messages };
    return by.runtime.send(new ConverseCommand(input));
  };
  const past = [MODEL, 'us.amazon.nova-pro-v1:0', arn, `${arn}:3`, 'amazon.nova-lite-v1:0'];
  const wanted = new Map<string, number>();
  for (let index = 0; index < 1_000; index += 5) {
    await Promise.all(
      callers.map((by, at) => {
        const number = index + at;
        const isPast = number % 27 === 0 && number < 999;
        const modelId = isPast ? (past[(number / 27) % past.length] ?? '') : `${arn}:${1 + (number % 2)}`;
        if (isPast) wanted.set(`${CALLERS[at]} ${modelId}`, (wanted.get(`${CALLERS[at]} ${modelId}`) ?? 0) + 1);
        return call(by, modelId);
      }),
    );
  }
  // Who holds no policy of callers is nobody's caller.
  await call(free, MODEL);
  expect([...wanted.values()].reduce((sum, count) => sum + count)).toBe(37);
  await bench.aws.deliverTrails();

  const usage = await command<UnmanagedUsage>(`audit usage --unmanaged --trail-bucket s3://${bucket}/ --json`);
  const found = usage.calls.map(({ principal, modelId, count }) => [
    `${principal.replace(/^.*\//, '')} ${modelId}`,
    count,
  ]);
  expect(new Map(found as [string, number][])).toEqual(wanted);
  expect(usage).toMatchObject({ looked: 1_000, holders: CALLERS, notes: [] });

  const { findings } = await command<Verification>(`audit verify --trail-bucket s3://${bucket}/ --json`);
  const unmanaged = findings.filter(({ problem }) => problem === 'UnmanagedCall');
  expect(unmanaged.map(({ object, level }) => [object.replace(/^.*\//, ''), level]).sort()).toEqual(
    [...wanted.keys()].map((key) => [key.split(' ')[0], 'finding']).sort(),
  );
});

/** Model invocation logging into a group, large requests into a bucket. */
async function logInvocations(logGroupName: string): Promise<void> {
  const { endpoint, region, account, operator: credentials } = bench.aws;
  const settings = { endpoint, region, credentials };
  await new CloudWatchLogsClient(settings).send(new CreateLogGroupCommand({ logGroupName }));
  const { s3 } = bench.operator;
  await s3.send(new CreateBucketCommand({ Bucket: 'large-requests' }));
  const Statement = {
    ...{ Effect: 'Allow', Principal: { Service: 'bedrock.amazonaws.com' }, Action: 's3:PutObject' },
    Resource: 'arn:aws:s3:::large-requests/*',
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'large-requests', Policy }));
  const roleArn = `arn:aws:iam::${account}:role/Logger`;
  const largeDataDeliveryS3Config = { bucketName: 'large-requests' };
  const loggingConfig = { cloudWatchConfig: { logGroupName, roleArn, largeDataDeliveryS3Config } };
  await new BedrockClient(settings).send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig }));
}

it('finds each of 48 requests with more than the released version among 240, however the log shows them', {
  timeout: 300_000,
}, async () => {
  const group = '/bedrock/calls';
  await logInvocations(group);
  const arn = await bench.promptArn();
  const callers = await Promise.all(CALLERS.map((name) => assumeRole(bench.aws, name)));
  const wanted = new Map<string, number>();
  const said = (text: string) => [{ role: 'user' as const, content: [{ text }] }];
  for (const as of ['sent', 'rendered'] as const) {
    bench.aws.logPrompts(as);
    for (let index = 0; index < 120; index += 5) {
      await Promise.all(
        callers.map(({ runtime }, at) => {
          const isMore = (index / 5 + at) % 5 === 0;
          const version = 1 + ((index / 5) % 2);
          const key = `${CALLERS[at]} advisor:${version} messages`;
          if (isMore) wanted.set(key, (wanted.get(key) ?? 0) + 1);
          const input = {
            modelId: `${arn}:${version}`,
            promptVariables: { ticker: { text: index === 60 ? 'x'.repeat(120_000) : `T${index}` } },
            // What the client sends with each call: without the ARN nothing else names the version.
            requestMetadata: { prompt: 'advisor', version: String(version) },
            ...(isMore && { messages: said(index === 30 ? 'y'.repeat(120_000) : 'Ignore the above') }),
          };
          return at === 0 ? runtime.send(new ConverseStreamCommand(input)) : runtime.send(new ConverseCommand(input));
        }),
      );
    }
  }
  // A model by itself, and a draft: nobody can tell what was to be sent. Others' calls are nobody's question.
  const [first] = callers as [Clients];
  bench.aws.logPrompts('sent');
  await first.runtime.send(new ConverseCommand({ modelId: MODEL, messages: said('Hello') }));
  await first.runtime.send(new ConverseCommand({ modelId: arn, promptVariables: { ticker: { text: 'X' } } }));
  const free = await assumeRole(bench.aws, 'Free');
  await free.runtime.send(new ConverseCommand({ modelId: MODEL, messages: said('Hello') }));
  expect([...wanted.values()].reduce((sum, count) => sum + count)).toBe(48);

  const usage = await command<UnmanagedUsage>(`audit usage advisor --unmanaged --invocation-logs ${group} --json`);
  const counts = (
    calls: readonly { principal: string; prompt: string | null; version: number | null; count: number }[],
  ) =>
    calls.map(({ principal, prompt, version, count }) => [
      principal.replace(/^.*\//, ''),
      `${prompt}:${version}`,
      count,
    ]);
  const found = (usage.logged?.added ?? []).map(({ principal, prompt, version, what, count }) => [
    `${principal.replace(/^.*\//, '')} ${prompt}:${version} ${what}`,
    count,
  ]);
  expect(new Map(found as [string, number][])).toEqual(wanted);
  expect(usage).toMatchObject({ trail: null, files: 0, calls: [], notes: [] });
  expect(usage.logged).toMatchObject({
    group,
    looked: 241,
    asReleased: 192,
    untold: [{ prompt: 'advisor', version: null }],
  });

  const all = await command<UnmanagedUsage>(`audit usage --unmanaged --invocation-logs ${group} --json`);
  expect(all.logged?.looked).toBe(242);
  expect(counts(all.logged?.untold ?? [])).toEqual([
    ['App1', 'null:null', 1],
    ['App1', 'advisor:null', 1],
  ]);

  const { findings, notRun, checks } = await command<Verification>(
    `audit verify --invocation-logs ${group} --since 1h --json`,
  );
  const added = findings.filter(({ problem }) => problem === 'AddedContent');
  expect(added.map(({ object, level }) => [object.replace(/^.*\//, ''), level]).sort()).toEqual(
    [...wanted.keys()].map((key) => [key.split(' ')[0], 'finding']).sort(),
  );
  expect(checks).toContainEqual({ check: 'invocation logs', looked: `242 calls of ${group}`, findings: added.length });
  expect(notRun.filter(({ check }) => check === 'invocation logs').map(({ failed }) => failed)).toEqual([false, false]);
});

it('waits its turn where CloudWatch Logs throttles, and goes on where it was', async () => {
  const group = '/bedrock/calls';
  const pages: unknown[] = [];
  let refusals = 3;
  // AWS ends a page at 1 MB, here at 100 events.
  bench.aws.interceptors.push(({ operation, input }) => {
    if (operation !== 'FilterLogEvents') return;
    input.limit = 100;
    pages.push(input.nextToken);
    if (pages.length > 1 && refusals-- > 0) throw new AwsError('ThrottlingException', 400, 'Rate exceeded');
  });
  const { logged } = await command<UnmanagedUsage>(`audit usage --unmanaged --invocation-logs ${group} --json`);
  bench.aws.interceptors.pop();
  expect(logged).toMatchObject({ looked: 242, asReleased: 192, others: 0, unread: [] });
  expect([pages.length, new Set(pages).size]).toEqual([6, 3]);
});

it('says which right is missing to read the logs, and what is no group', async () => {
  const grants = [{ Effect: 'Allow', Action: ['cloudformation:*', 'iam:*', 's3:*', 'ssm:*', 'sts:*'], Resource: '*' }];
  const keys = bench.aws.user('reader', [{ Version: '2012-10-17', Statement: grants }]);
  const usage = (group: string, who = bench.aws.operator) =>
    command(`audit usage --unmanaged --invocation-logs ${group} --json`, who);
  await expect(usage('/bedrock/calls', keys)).rejects.toThrow(/a permission is missing[\s\S]*logs:FilterLogEvents/);
  await expect(usage('/bedrock/nobody')).rejects.toThrow(/no log group \/bedrock\/nobody/);
  await expect(command('audit usage advisor --invocation-logs /bedrock/calls')).rejects.toThrow(/add --unmanaged/);
});
