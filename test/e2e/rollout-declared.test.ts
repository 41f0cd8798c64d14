import { GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam';
import { GetParametersCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { getParameter, getPrompt } from './caller-questions';
import { assumeRole, type Clients, verdictOf } from './clients';
import { RegistryBench } from './registry-bench';
import { StepGate } from './step-gate';

const PREFIX = '/prompts/test';
const PROD = `${PREFIX}/advisor/PROD`;
const PROGRESS = `${PROD}/rollout-progress`;

const gate = new StepGate();
let bench: RegistryBench;
let template: string;
let withoutRollout: string;
let advisor: string;
let caller: Clients;

function app(words: string, rollout?: Rollout) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
      rollouts: {},
    });
    const variant = PromptVariant.text({ text: `${words} {{ticker}}`, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    const prod = prompt.addAlias('PROD', {
      target: AliasTarget.parameter(),
      callableVersions: 3,
      ...(rollout && { rollout }),
    });
    prod.grants.invoke(new Role(stack, 'Caller', { roleName: 'caller', assumedBy: new AccountRootPrincipal() }));
  };
}

const STEPS = Rollout.steps([5, 25], { bake: Duration.minutes(10) });

async function release(target: string, more: Record<string, string> = {}): Promise<void> {
  const done = await bench.deploy(template, { AdvisorProdVersion: target, ...more });
  expect(done).toEqual({ status: 'UPDATE_COMPLETE', failures: [] });
}

/** The three parameters of PROD. */
async function values() {
  const Names = [PROD, `${PROD}/rollout`, PROGRESS];
  const { Parameters = [] } = await bench.operator.ssm.send(new GetParametersCommand({ Names }));
  const [pointer, rollout, progress] = Names.map((name) => Parameters.find(({ Name }) => Name === name)?.Value);
  return { stands: pointer?.split(':').pop(), rollout: parseRollout(rollout), progress, raw: rollout };
}

/** Version and text of the callers' policy. */
async function policy() {
  const arns = Object.values(await bench.deployer.resources('Prompts', 'AWS::IAM::ManagedPolicy'));
  const PolicyArn = arns.find((arn) => arn.includes('PROD+invoke')) ?? '';
  const { Policy } = await bench.operator.iam.send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId ?? '';
  const { PolicyVersion } = await bench.operator.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return { VersionId, document: decodeURIComponent(PolicyVersion?.Document ?? '') };
}

/** The versions that the caller may read. */
async function callable(): Promise<number[]> {
  expect(await verdictOf(getPrompt('draft', advisor).send(caller))).toBe('refused');
  const found: number[] = [];
  for (const version of [1, 2, 3, 4, 5]) {
    if ((await verdictOf(getPrompt(`:${version}`, advisor, version).send(caller))) === 'allowed') found.push(version);
  }
  return found;
}

const newest = async () => (await bench.ledger('PROD')).at(-1);

beforeAll(async () => {
  bench = await RegistryBench.start(
    { stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' },
    { cloudFormation: { failAt: gate.failAt } },
  );
  for (const words of ['One', 'Two', 'Three', 'Four']) {
    expect((await bench.deploy(await bench.synthesize(app(words)))).failures).toEqual([]);
  }
  withoutRollout = await bench.synthesize(app('Five'));
  template = await bench.synthesize(app('Five', STEPS));
  advisor = await bench.promptArn();
  for (const target of ['1', '2', '3']) {
    expect((await bench.deploy(withoutRollout, { AdvisorProdVersion: target })).failures).toEqual([]);
  }
  caller = await assumeRole(bench.aws, 'caller');
}, 180_000);

afterAll(() => bench.aws.stop());

describe('A rollout, as CloudFormation makes it', { timeout: 60_000 }, () => {
  it('comes to an alias that stands, and nothing moves', async () => {
    const before = await bench.ledger('PROD');
    await release('3');
    expect(await values()).toEqual({ stands: '3', rollout: null, progress: 'none', raw: 'none' });
    expect(await bench.ledger('PROD')).toEqual(before);
    expect(await callable()).toEqual([1, 2, 3]);
  });

  it('is undone with what fails beside it', async () => {
    gate.fail(/^AdvisorProdParameter/, 'Update');
    gate.fail(/^AdvisorProdRollout(?!Progress)/, 'Update');
    const { status } = await bench.deploy(template, { AdvisorProdVersion: '3..4' });
    gate.open();
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await values()).toMatchObject({ stands: '3', raw: 'none' });
    expect(await newest()).toMatchObject({ undo: true, rollout: null });
    expect(await callable()).toEqual([1, 2, 3]);
  });

  it('gives callers the candidate, and leaves the alias where it is', async () => {
    await release('3..4');
    const { sequence } = (await newest()) ?? {};
    expect(await newest()).toMatchObject({ kind: 'rollout', rollout: { plan: sequence, steps: [5, 25], bake: 600 } });
    expect(await values()).toMatchObject({
      ...{ stands: '3', progress: 'none' },
      rollout: { plan: sequence, to: `${advisor}:4`, steps: [5, 25] },
    });
    expect(await callable()).toEqual([2, 3, 4]);
    for (const end of ['', '/rollout', '/rollout-progress']) {
      expect(await verdictOf(getParameter(`${PROD}${end}`).send(caller)), end).toBe('allowed');
    }
  });

  it('keeps its plan, its progress and the policy over other deployments', async () => {
    const [before, { rollout }] = [await policy(), await values()];
    const { plan = 0 } = rollout ?? {};
    const at = new Date(Date.now() - 60_000).toISOString();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const progress = formatProgress({ plan, n: 1, step: 0, state: 'step', at, until });
    await bench.operator.ssm.send(new PutParameterCommand({ Name: PROGRESS, Value: progress, Overwrite: true }));
    await release('3..4', { AdvisorWithdrawnVersions: '1' });
    expect(await newest()).toMatchObject({ kind: 'withdraw', rollout: { plan } });
    expect(await values()).toMatchObject({ stands: '3', rollout: { plan }, progress });
    expect(await policy()).toEqual(before);
    gate.fail(/^AdvisorProdParameter/);
    const { status } = await bench.deploy(template, { AdvisorProdVersion: '4' });
    gate.open();
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await newest()).toMatchObject({ undo: true, to: { version: 3 }, rollout: { plan } });
    expect(await values()).toMatchObject({ stands: '3', rollout: { plan }, progress });
    expect(await policy()).toEqual(before);
  });

  it.each([
    ['4..3', 'RolloutMovesStable'],
    ['3..3', 'InvalidRollout'],
    ['3..99', 'NoSuchVersion'],
    ['2..4', 'RolloutMovesStable'],
  ])('is refused as %s', async (target, code) => {
    const { failures, status } = await bench.deploy(template, { AdvisorProdVersion: target });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(JSON.stringify(failures)).toContain(code);
    expect(await values()).toMatchObject({ stands: '3', rollout: { to: `${advisor}:4` } });
  });

  it('keeps its option until it is ended: CloudFormation refuses the template', async () => {
    await expect(bench.deploy(withoutRollout)).rejects.toThrow(/AdvisorProdVersion/);
    expect(await values()).toMatchObject({ stands: '3', rollout: { to: `${advisor}:4` } });
  });

  it('settles, and the policy is the one of its start', async () => {
    const before = await policy();
    await release('4');
    expect(await newest()).toMatchObject({ kind: 'promote', to: { version: 4 }, ended: { n: 0, head: null } });
    expect(await values()).toMatchObject({ stands: '4', raw: 'none' });
    expect(await policy()).toEqual(before);
    expect(await callable()).toEqual([2, 3, 4]);
  });

  it('ends in an emergency release, and by the withdrawal of its candidate', async () => {
    await release('4..5');
    await release('2');
    expect(await newest()).toMatchObject({ kind: 'rollback', to: { version: 2 }, rollout: null });
    expect(await values()).toMatchObject({ stands: '2', raw: 'none' });
    await release('2..3');
    await release('2..3', { AdvisorWithdrawnVersions: '1,3' });
    expect(await newest()).toMatchObject({ kind: 'rollout', withdrawn: [1, 3], rollout: null });
    expect(await values()).toMatchObject({ stands: '2', raw: 'none' });
    expect(await callable()).not.toContain(3);
    expect(await callable()).toContain(2);
  });

  it('goes with the option, and its parameters with it', async () => {
    await release('2');
    const done = await bench.deploy(withoutRollout);
    expect(done).toEqual({ status: 'UPDATE_COMPLETE', failures: [] });
    expect(await values()).toEqual({ stands: '2', rollout: null, progress: undefined, raw: undefined });
  });
});
