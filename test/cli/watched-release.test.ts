import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PromptClient } from '../../client';
import { CommandWorld } from './command-world';
import { PREFIX, STACK } from './registry-world';

const on = CommandWorld.forThisFile();
const MINUTE = 60_000;
const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:worse';

/** The share of failed uses of PROD, whichever version serves it: what docs/command.md shows. */
const ERRORS = `SELECT AVG(Errors) FROM SCHEMA(PromptRegistry, Registry, Prompt, Alias, Version) WHERE Registry = '${PREFIX}' AND Prompt = 'advisor' AND Alias = 'PROD'`;

const cloudWatch = () => new CloudWatchClient(on.client());
const cloudFormation = () => new CloudFormationClient(on.client());
const setAlarm = (StateValue: 'OK' | 'ALARM') =>
  cloudWatch().send(new SetAlarmStateCommand({ AlarmName: 'worse', StateValue, StateReason: 'set by hand' }));
const triggers = async () => {
  const { Stacks = [] } = await cloudFormation().send(new DescribeStacksCommand({ StackName: STACK }));
  return Stacks[0]?.RollbackConfiguration?.RollbackTriggers ?? [];
};
const made = () => on.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet');

/** What an application does all day: its uses of the version that PROD points to, of which some fail. */
async function use(times: number, fails: boolean) {
  const prompts = new PromptClient({
    ...{ parameterPrefix: PREFIX, alias: 'PROD', metrics: on.aws.logged, logger: false },
    ssm: new SSMClient(on.client()),
    bedrockAgent: new BedrockAgentClient(on.client()),
  });
  for (let n = 0; n < times; n += 1) {
    const call = async () => {
      if (fails) throw new Error('the answer is no JSON');
      return {};
    };
    await prompts.run('advisor', { ticker: 'AMZN', language: 'English' }, call).catch(() => undefined);
  }
}

/** Runs the command until CloudFormation watches. */
async function watched(args: string) {
  const running = on.start(args);
  let stderr = '';
  await Promise.race([
    new Promise<void>((resolve) => {
      running.child.stderr?.on('data', (chunk) => {
        stderr += chunk;
        if (stderr.includes('watching worse until')) resolve();
      });
    }),
    running.finished,
  ]);
  return running;
}

beforeEach(async () => {
  await cloudWatch().send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'worse', Metrics: [{ Id: 'share', Expression: ERRORS, Period: 60 }], EvaluationPeriods: 1 },
      ...{ Threshold: 0.25, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'ignore' },
    }),
  );
  await on.prodAt(1);
  // What was written before is out of its sight.
  on.aws.passTime(10 * MINUTE);
  await setAlarm('OK');
});
afterEach(() => on.aws.setSpeed(1));

describe('promote --watch', () => {
  it('goes back by itself when the errors of the new version ring the alarm, and the next release is not watched', async () => {
    await use(30, false);
    on.aws.passTime(MINUTE);
    const { finished } = await watched(`promote advisor PROD --to :2 --yes --watch 10m --alarm ${ALARM}`);
    expect(await on.pointer()).toBe(2);
    await use(30, true);
    on.aws.passTime(MINUTE);
    const { code, stdout, stderr } = await finished;
    expect([code, stderr]).toEqual([4, expect.stringContaining('rolled the release back: advisor PROD points to 1')]);
    expect(stdout).toMatch(/watched +by worse until 10 min after/);
    expect(stderr).toMatch(/watching worse until \d\d:\d\d UTC; Ctrl-C leaves it to CloudFormation/);
    expect(stderr).toMatch(/worse is in ALARM since \d\d:\d\d UTC: Threshold Crossed: 1 /);
    expect(await on.pointer()).toBe(1);
    const { records } = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    expect(records.slice(-2)).toMatchObject([
      { from: { version: 1 }, to: { version: 2 } },
      { kind: 'rollback', undo: true, from: { version: 2 }, to: { version: 1 } },
    ]);
    expect((await on.run('status advisor')).code).toBe(0);
    expect(await triggers()).toHaveLength(1);

    // It rings still: to watch by it would go back at once.
    const before = made().length;
    const again = await on.run(`promote advisor PROD --to :3 --yes --watch 10m --alarm ${ALARM}`);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('worse rings already; nothing was moved')]);
    expect(made()).toHaveLength(before);
    const plain = await on.run('promote advisor PROD --to :3 --yes');
    expect(plain.code, plain.stderr).toBe(0);
    expect(plain.stdout).toMatch(/watched +no more by worse/);
    expect(await on.pointer()).toBe(3);
    expect(await triggers()).toEqual([]);
  });

  it('ends once the time is over; a way back is held up by no alarm, nor by a plan that keeps them', async () => {
    const { finished } = await watched(`promote advisor PROD --to :2 --yes --json --watch 10m --alarm ${ALARM}`);
    on.aws.setSpeed(600);
    const { code, stdout, stderr } = await finished;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ moved: true, to: 2, watched: { minutes: 10, alarms: [ALARM] } });
    on.aws.setSpeed(1);
    await setAlarm('ALARM');

    const { Parameters = [] } = (await on.world.stack()) ?? {};
    const { Id } = await cloudFormation().send(
      new CreateChangeSetCommand({
        ...{ StackName: STACK, ChangeSetName: 'by-hand', UsePreviousTemplate: true },
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        Parameters: Parameters.map(({ ParameterKey }) =>
          ParameterKey === 'AdvisorProdVersion'
            ? { ParameterKey, ParameterValue: '3' }
            : { ParameterKey, UsePreviousValue: true },
        ),
      }),
    );
    const foreign = await on.run(`promote advisor PROD --plan ${Id} --yes`);
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('the rollback triggers that watched')]);

    const planned = JSON.parse((await on.run('plan advisor PROD --to :3 --json')).stdout);
    expect(planned.unwatched).toEqual(['worse']);
    const described = await cloudFormation().send(new DescribeChangeSetCommand({ ChangeSetName: planned.id }));
    expect(described.RollbackConfiguration).toEqual({ RollbackTriggers: [], MonitoringTimeInMinutes: 0 });
    const back = await on.run('rollback advisor PROD --yes');
    expect(back.code, back.stderr).toBe(0);
    expect([await on.pointer(), await triggers()]).toEqual([1, []]);
  });

  it('leaves the watching to CloudFormation on Ctrl-C', async () => {
    const { child, finished } = await watched(`promote advisor PROD --to :2 --yes --watch 3h --alarm ${ALARM}`);
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect(code).toBe(130);
    expect(stderr).toContain('still running the release of advisor PROD to 2, and rolls it back if worse rings');
    expect(stderr).toContain('cancel-update-stack');
    await setAlarm('ALARM');
    expect(await on.world.settled()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await on.pointer()).toBe(1);
  });

  it('is for one alias, and for those who may read alarms', async () => {
    const many = await on.run(`models promote amazon.nova-pro-v1:0 PROD --yes --watch 10m --alarm ${ALARM}`);
    expect([many.code, many.stderr]).toEqual([64, expect.stringContaining("Unknown option '--watch'")]);
    const none = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'cloudwatch:*', Resource: '*' }] };
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    const keys = on.aws.environment(on.aws.user('blind', [all, none]));
    const blind = await on.run(`promote advisor PROD --to :2 --yes --watch 10m --alarm ${ALARM}`, keys);
    expect([blind.code, blind.stderr]).toEqual([6, expect.stringContaining('cloudwatch:DescribeAlarms')]);
  });
});
