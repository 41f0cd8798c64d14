import { setTimeout as sleep } from 'node:timers/promises';
import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyVersionCommand,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PromptClient } from '../../client';
import {
  AliasGuardrail,
  AliasTarget,
  CallableVersionsGuard,
  CombinedCallerPolicy,
  Gate,
  Prompt,
  PromptRegistry,
  PromptVariant,
  Rollout,
} from '../../lib';
import { startCommand } from '../cli/command-process';
import { assumeRole, type Clients, verdictOf } from './clients';
import { RegistryBench } from './registry-bench';

const LITE = 'us.amazon.nova-lite-v1:0';
const PRO = 'us.amazon.nova-pro-v1:0';

const GUARDRAIL = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123';
const THREE = AliasGuardrail.version('abc123', '3');
const FOUR = AliasGuardrail.version('abc123', '4');
const ROLES = ['invoker', 'combined', 'broad'] as const;

let bench: RegistryBench;

interface More {
  readonly text?: string;
  readonly rollsOut?: boolean;
}

const app =
  (model: string, guardrail: AliasGuardrail, { text = 'Explain', rollsOut }: More) =>
  (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: '/prompts/test',
      policyPropagation: Duration.seconds(0),
      gates: { '*': [Gate.model({ among: [LITE, PRO] })] },
    });
    const variant = PromptVariant.text({ text: `${text} {{ticker}}`, model });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    const prod = prompt.addAlias('PROD', {
      ...{ target: AliasTarget.parameter(), guardrail, callableVersions: 3 },
      ...(rollsOut && { rollout: Rollout.steps([50], { bake: Duration.minutes(1) }) }),
    });
    const role = (roleName: string, inlinePolicies = {}) =>
      new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal(), inlinePolicies });
    prod.grants.invoke(role('invoker'));
    new CombinedCallerPolicy(stack, 'Combined', { aliases: [prod] }).attachTo(role('combined'));
    const all = new PolicyStatement({ actions: ['bedrock:*', 'ssm:GetParameter*'], resources: ['*'] });
    const broad = role('broad', { all: new PolicyDocument({ statements: [all] }) });
    broad.addManagedPolicy(new CallableVersionsGuard(stack, 'Guard', { aliases: [prod] }));
  };

async function release(model: string, AdvisorProdVersion: string, guardrail = THREE, more: More = {}) {
  const template = await bench.synthesize(app(model, guardrail, more));
  const { status, failures } = await bench.deploy(template, { AdvisorProdVersion });
  return failures.length > 0 ? failures.join('\n') : status;
}

/** Ends a model in so many days. */
function ends(modelId: string, days: number): void {
  const model = bench.aws.modelCatalog.get(modelId);
  if (!model) throw new Error(modelId);
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  bench.aws.modelCatalog.set({ ...model, legacyTime: '2026-01-01', endOfLifeTime: day });
}

const named = (guardrailIdentifier: string, guardrailVersion: string) => ({
  guardrailConfig: { guardrailIdentifier, guardrailVersion },
});
const NAMED = {
  none: {},
  'another one': named('def456', '3'),
  'another version': named('abc123', '4'),
  'the draft': named('abc123', 'DRAFT'),
  'the right one': named('abc123', '3'),
  'the right one by its ARN': named(GUARDRAIL, '3'),
} as const;

/** Whether each role may call the version and its model, alone and in a stream, with each guardrail. */
async function matrix(versionArn: string): Promise<Record<string, string[]>> {
  const allowed: Record<string, string[]> = {};
  const forms = [
    { modelId: versionArn, promptVariables: { ticker: { text: 'AMZN' } } },
    { modelId: LITE, messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] },
  ];
  for (const role of ROLES) {
    const { runtime } = await assumeRole(bench.aws, role);
    for (const [guardrail, config] of Object.entries(NAMED)) {
      const calls = forms.flatMap((form) => [
        runtime.send(new ConverseCommand({ ...form, ...config })),
        runtime.send(new ConverseStreamCommand({ ...form, ...config })),
      ]);
      const verdicts = await Promise.all(calls.map(verdictOf));
      allowed[`${role}, ${guardrail}`] = verdicts;
    }
  }
  return allowed;
}

function clientOf({ ssm, bedrock }: Clients): PromptClient {
  return new PromptClient({
    ...{ parameterPrefix: '/prompts/test', alias: 'PROD', ttl: 1 },
    ...{ ssm, bedrockAgent: bedrock, logger: false, metrics: false },
  });
}

/** What `status` finds. */
async function findings(): Promise<string[]> {
  const { stdout } = await startCommand(['status', 'advisor', '--json'], bench.aws.environment()).finished;
  const { aliases } = JSON.parse(stdout) as { aliases: { checks: { what: string; findings: string[] }[] }[] };
  return aliases.flatMap(({ checks }) =>
    checks.flatMap(({ what, findings: all }) => all.map((one) => `${what}: ${one}`)),
  );
}

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' });
}, 300_000);
afterAll(() => bench?.aws.stop());

it('holds releases of a stack to models that go on, and nothing that goes back', { timeout: 300_000 }, async () => {
  expect(await release(LITE, 'none')).toBe('CREATE_COMPLETE');
  expect(await release(PRO, '1')).toBe('UPDATE_COMPLETE');

  const versionArn = `${await bench.promptArn()}:1`;
  const verdicts = await matrix(versionArn);
  for (const [who, all] of Object.entries(verdicts)) {
    const verdict = who.includes('the right one') ? 'allowed' : 'refused';
    expect(all, who).toEqual(Array(4).fill(verdict));
  }
  expect(await findings()).toEqual([]);

  ends('amazon.nova-pro-v1:0', 20);
  expect(await release(PRO, '2')).toContain('ModelEnds');
  ends('amazon.nova-pro-v1:0', 60);
  expect(await release(PRO, '2')).toBe('UPDATE_COMPLETE');
  // Both end today: forward would be refused, back is not.
  ends('amazon.nova-lite-v1:0', 0);
  expect(await release(PRO, '1')).toBe('UPDATE_COMPLETE');
  const records = (await bench.ledger('PROD')).sort((a, b) => a.sequence - b.sequence);
  expect(records.filter(({ from, to }) => from?.version !== to?.version).map(({ passed }) => passed)).toMatchObject([
    {
      how: 'agreed',
      model: { id: LITE, model: 'amazon.nova-lite-v1:0', status: 'ACTIVE', ends: null, guardrail: `${GUARDRAIL}:3` },
    },
    { how: 'agreed', model: { id: PRO, model: 'amazon.nova-pro-v1:0', status: 'LEGACY', guardrail: `${GUARDRAIL}:3` } },
    { how: 'back' },
  ]);
});

it('changes the guardrail of an alias under running callers, and finds a policy without it', {
  timeout: 300_000,
}, async () => {
  expect(await release(PRO, '2')).toBe('UPDATE_COMPLETE');
  const caller = await assumeRole(bench.aws, 'invoker');
  const sent: (string | undefined)[] = [];
  const ask = (prompts = clientOf(caller)) =>
    prompts.run('advisor', { ticker: 'AMZN' }, (request) => {
      sent.push(request.guardrailConfig?.guardrailVersion);
      return caller.runtime.send(new ConverseStreamCommand(request));
    });
  const [running, idle] = [clientOf(caller), await clientOf(caller).get('advisor')];
  /** What the client knows is older than its ttl by then, however fast the release was. */
  const askLater = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    return ask(running);
  };
  const late = () => verdictOf(caller.runtime.send(new ConverseCommand(idle.converse({ ticker: 'AMZN' }))));
  await ask(running);
  expect(await release(PRO, '2', AliasGuardrail.changeOver(THREE, FOUR))).toBe('UPDATE_COMPLETE');
  await askLater();
  expect(await late()).toBe('allowed');
  expect(await findings()).toEqual([]);
  expect(await release(PRO, '2', FOUR)).toBe('UPDATE_COMPLETE');
  await askLater();
  expect(await late()).toBe('refused');
  expect(sent).toEqual(['3', '4', '4']);
  const records = await bench.ledger('PROD');
  expect(records.at(-1)?.to?.version).toBe(2);

  const policies = Object.values(await bench.deployer.resources('Prompts', 'AWS::IAM::ManagedPolicy'));
  const PolicyArn = policies.find((arn) => arn.includes('+advisor+PROD+invoke+')) ?? '';
  const { iam } = bench.operator;
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  const VersionId = Versions.find(({ IsDefaultVersion }) => IsDefaultVersion)?.VersionId;
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  const document = decodeURIComponent(PolicyVersion?.Document ?? '');
  const PolicyDocument = document
    .replaceAll(`"bedrock:GuardrailIdentifier":"${GUARDRAIL}:4"`, '"bedrock:GuardrailIdentifier":["*"]')
    .replaceAll('StringEquals', 'StringLike');
  expect(PolicyDocument).not.toBe(document);
  // IAM keeps five.
  await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: Versions.at(-1)?.VersionId }));
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
  expect(await findings()).toContainEqual(
    expect.stringMatching(/^policy: the caller policy holds what the registry does not write/),
  );
  const told = await bench.operator.ssm.send(new GetParameterCommand({ Name: '/prompts/test/advisor/PROD/guardrail' }));
  expect(told.Parameter?.Value).toBe(`${GUARDRAIL}:4`);
});

it('settles a rollout in the deployment that takes the last option away, whose releaser may read no steps any more', {
  timeout: 300_000,
}, async () => {
  expect(await release(PRO, '2..3', FOUR, { text: 'Tell', rollsOut: true })).toBe('UPDATE_COMPLETE');
  const Name = '/prompts/test/advisor/PROD/rollout-progress';
  const step = async () => (await bench.operator.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  bench.aws.setSpeed(60);
  while ((await step()) === 'none') await sleep(100);
  bench.aws.setSpeed(1);
  expect(await release(PRO, '3', FOUR, { text: 'Tell' })).toBe('UPDATE_COMPLETE');
  const [began, settled] = (await bench.ledger('PROD')).slice(-2);
  expect(settled).toMatchObject({
    ...{ kind: 'promote', to: { version: 3 }, passed: { how: 'agreed', reviews: [], model: { id: PRO } } },
    ended: { plan: began?.sequence, n: null, head: null },
  });
});
