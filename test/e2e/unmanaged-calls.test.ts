import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UnmanagedUsage } from '../../cli/audit/unmanaged-text';
import type { Verification } from '../../cli/audit/verify-text';
import { AliasTarget, Prompt, PromptAuditTrail, PromptRegistry, PromptVariant } from '../../lib';
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
  new PromptAuditTrail(stack, 'Audit', { registries: [registry] });
};

async function deploy(text: string, AdvisorProdVersion: string): Promise<void> {
  const { status } = await bench.deploy(await bench.synthesize(app(text)), { AdvisorProdVersion });
  expect(status).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
}

async function command<T>(args: string): Promise<T> {
  const { stdout, stderr } = await startCommand(args.split(' '), { ...bench.aws.environment() }).finished;
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
