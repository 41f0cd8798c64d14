import { setTimeout as wait } from 'node:timers/promises';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, CombinedCallerPolicy, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { assumeRole, type Clients, type Verdict, verdictOf } from './clients';
import { RegistryBench } from './registry-bench';

const PREFIX = '/prompts/test';
/** How long a change of IAM takes to be in force. */
const IAM_DELAY = Duration.seconds(5);
const ENOUGH = Duration.seconds(7);

interface Seen {
  readonly version: number;
  /** Of a caller with the alias's policy and one with a policy of several aliases, where they agree. */
  readonly verdict: Verdict | 'mixed';
}

/** AWS's clock: the machine's, or stopped, and put forward from there. */
const clock = { stoppedAt: undefined as number | undefined, ahead: 0 };
let bench: RegistryBench;
let callers: Clients[];

function app(text: string, policyPropagation: Duration) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: PREFIX, policyPropagation });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const role = (roleName: string) => new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal() });
    prod.grants.invoke(role('caller'));
    const other = new Prompt(stack, 'Other', { registry, promptName: 'other', variant });
    const aliases = [prod, other.addAlias('PROD')];
    new CombinedCallerPolicy(stack, 'Combined', { aliases }).attachTo(role('combined'));
  };
}

async function deploy(text: string, propagation: Duration, parameters: Record<string, string> = {}): Promise<void> {
  const deployed = await bench.deploy(await bench.synthesize(app(text, propagation)), parameters);
  expect(deployed.failures).toEqual([]);
}

/** All of IAM's changes so far are in force. */
function spreadIam(): void {
  clock.ahead += 60_000;
}

async function callOnce(): Promise<Seen> {
  const [first] = callers;
  const { Parameter } = (await first?.ssm.send(new GetParameterCommand({ Name: `${PREFIX}/advisor/PROD` }))) ?? {};
  const modelId = Parameter?.Value ?? '';
  const asked = callers.map(({ runtime }) => verdictOf(runtime.send(new ConverseCommand({ modelId }))));
  const [verdict = 'mixed', ...others] = await Promise.all(asked);
  return {
    version: Number(modelId.split(':').pop()),
    verdict: others.every((other) => other === verdict) ? verdict : 'mixed',
  };
}

/** Reads the alias and runs it, ten times a second, until `work` is done; answers what it saw, and tells `work` meanwhile. */
async function callDuring(work: (seen: readonly Seen[]) => Promise<void>): Promise<Seen[]> {
  const seen: Seen[] = [];
  let isOver = false;
  const done = work(seen).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    seen.push(await callOnce());
    await wait(100);
  }
  await done;
  return seen;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(20);
}

/** What was seen, without repetitions. */
function story(seen: readonly Seen[]): string[] {
  const told = seen.map(({ version, verdict }) => `${version} ${verdict}`);
  return told.filter((line, index) => line !== told[index - 1]);
}

beforeAll(async () => {
  bench = await RegistryBench.start(
    { stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' },
    { now: () => new Date((clock.stoppedAt ?? Date.now()) + clock.ahead) },
  );
  const none = Duration.seconds(0);
  await deploy('Explain it', none);
  await deploy('Explain it well', none, { AdvisorProdVersion: '1' });
  callers = [await assumeRole(bench.aws, 'caller'), await assumeRole(bench.aws, 'combined')];
  spreadIam();
  bench.aws.setIamDelay(IAM_DELAY.toMilliseconds());
}, 120_000);

afterAll(() => bench.aws.stop());

describe('With an IAM that takes 5 seconds to spread a policy, a caller that reads the alias at run time', () => {
  it('is refused for a while by a release that does not wait', async () => {
    clock.stoppedAt = Date.now();
    const seen = await callDuring(async (soFar) => {
      await deploy('Explain it well', Duration.seconds(0), { AdvisorProdVersion: '2' });
      await until(() => soFar.at(-1)?.version === 2);
      clock.ahead += IAM_DELAY.toMilliseconds();
      await until(() => soFar.at(-1)?.verdict === 'allowed');
    });

    expect(story(seen)).toEqual(['1 allowed', '2 refused', '2 allowed']);
  });

  it('is never refused by a release that waits longer than that', async () => {
    clock.stoppedAt = undefined;
    spreadIam();
    const seen = await callDuring(async (soFar) => {
      await deploy('Explain it better', ENOUGH, { AdvisorProdVersion: '3' });
      await until(() => soFar.at(-1)?.version === 3);
    });

    expect(story(seen)).toEqual(['2 allowed', '3 allowed']);
  });
});
