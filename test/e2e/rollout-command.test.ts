import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { shareAt } from '../../core/rollout/share';
import { AliasTarget, Guard, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { startCommand } from '../cli/command-process';
import { StackDeployer } from '../stack-deployer';

const STACK = 'Rolling';

/** One stack whose PROD rolls out, moved by the command, with the deployed controller. */
describe('The command over rollouts', () => {
  let aws: LocalAws;
  let deployer: StackDeployer;

  const deploy = (text: string) => {
    const build = (stack: Stack) => {
      const registry = new PromptRegistry(stack, 'Registry', {
        parameterPrefix: '/prompts/roll',
        policyPropagation: Duration.seconds(0),
      });
      const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
      const prompt = new Prompt(stack, 'Letters', { registry, promptName: 'letters', variant });
      // Of the same stack, so that the template has a reference where the settings name it.
      const slow = new Alarm(stack, 'Slow', {
        metric: new Metric({ namespace: 'Application', metricName: 'Latency' }),
        threshold: 3_000,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      const guards = [Guard.errors(), Guard.alarm(slow)];
      prompt.addAlias('PROD', {
        target: AliasTarget.parameter(),
        callableVersions: 3,
        rollout: Rollout.steps([5, 50], { bake: Duration.minutes(10), minimumUses: 0, guards }),
      });
    };
    return deployer.deployStack(STACK, build);
  };
  /** With the endpoint's clock. */
  const run = async (args: string[]) => {
    const NODE_OPTIONS = `--require ${join(__dirname, '../cli/shifted-clock.cjs')}`;
    return startCommand(args, {
      ...aws.environment(),
      NODE_OPTIONS,
      CLOCK_SHIFT_MS: String(aws.now().getTime() - Date.now()),
    }).finished;
  };
  const json = async (args: string) => JSON.parse((await run([...args.split(' '), '--json'])).stdout);
  const done = async (args: string) => {
    const { code, stdout, stderr } = await run(args.split(' '));
    expect(code, `${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  /** Minutes take a second each, in which the controller comes as often, until readers give the candidate this share. */
  const reaches = async (share: number) => {
    const parameters = new SSMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
    const read = async (name: string) =>
      (await parameters.send(new GetParameterCommand({ Name: `/prompts/roll/letters/PROD/${name}` }))).Parameter?.Value;
    const served = async () =>
      shareAt(parseRollout(await read('rollout')), parseProgress(await read('rollout-progress')), aws.now().getTime());
    aws.setSpeed(60);
    while ((await served()) !== share) await new Promise((resolve) => setTimeout(resolve, 200));
    aws.setSpeed(1);
    await aws.idle();
  };

  beforeAll(async () => {
    aws = await startLocalAws();
    deployer = new StackDeployer(aws);
    for (const text of ['One {{letter}}', 'Two {{letter}}', 'Three {{letter}}']) await deploy(text);
    await done('promote letters PROD --to :1 --yes');
  }, 300_000);
  afterAll(() => aws?.stop());

  it('begins one with promote, shows it, and settles it with the same words', async () => {
    expect(await done('plan letters PROD --to :2')).toContain('begins: 2 for 5, 50 % of the keys');
    expect(await done('promote letters PROD --to :2 --yes')).toContain('letters PROD  1, rolls out 2');
    expect(await done('rollout status letters PROD')).toContain('1 → 2   begins with the next minute');
    await reaches(5);
    expect(await done('rollout status letters PROD')).toMatch(/1 → 2 {3}5 % since .*, 50 % not before /);
    expect(await done('list letters')).toMatch(/PROD +1, 2 at 5 % /);
    expect(await done('status letters')).not.toContain('✖');
    await reaches(50);
    expect(await json('rollout status letters PROD')).toMatchObject({ state: 'step', share: 50, stable: 1 });
    expect(await done('rollout status letters PROD')).toContain('promote letters PROD --to :2');
    expect(await done('promote letters PROD --to :2 --yes')).toContain('1 → 2, rollout settled');
    const history = await done('history letters PROD');
    expect(history).toMatch(/1 → 1, rolls out 2[\s\S]*50 %[\s\S]*5 %/);
    expect(await done('rollout status letters PROD')).toContain('2, no rollout');
    expect(await done('status letters')).not.toContain('✖');
  });

  it('halts one at once, and ends it with rollback', async () => {
    await done('promote letters PROD --to :3 --yes');
    await reaches(5);
    const halted = await run(['rollout', 'halt', 'letters', 'PROD', '--reason', 'complaints']);
    expect([halted.code, halted.stdout]).toEqual([0, expect.stringContaining('everybody gets the stable version')]);
    expect(await done('rollout status letters PROD')).toMatch(/halted at .*: complaints/);
    expect((await json('list letters'))[0].aliases).toMatchObject([
      { version: 2, rollout: { candidate: 3, halted: true, share: 0 } },
    ]);
    expect(await done('rollback letters PROD --yes')).toContain('2, rollout of 3 ended');
    expect((await run(['rollout', 'halt', 'letters', 'PROD'])).stderr).toContain('has no rollout to halt');
  });

  it('moves at once where it is told so, and goes back past everything', async () => {
    expect(await done('promote letters PROD --to :3 --now --yes')).toContain('letters PROD  2 → 3');
    expect(await done('rollback letters PROD --to :2 --yes')).toContain('3 → 2');
  });

  it('leaves a ledger in which the audit finds nothing', async () => {
    const { findings } = await json('audit verify letters');
    expect(
      findings.filter(({ check }: { check: string }) => ['chains', 'parameters', 'policies'].includes(check)),
    ).toEqual([]);
  });
});
