import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataOutput } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromptClient } from '../../client';
import { systemClock } from '../../client/clock';
import { embeddedMetrics, firstUseMetrics } from '../../client/prompt-metrics';
import { PROMPT_METRICS, scoreMetric } from '../../core/contract/prompt-metrics';
import { parseProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { shareAt } from '../../core/rollout/share';
import { AliasTarget, Guard, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { AwsError, type LocalAws, startLocalAws } from '../../packages/local-aws';
import { hurried, startCommand } from '../cli/command-process';
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
      const prod = prompt.addAlias('PROD', {
        target: AliasTarget.parameter(),
        callableVersions: 3,
        rollout: Rollout.steps([5, 50], { bake: Duration.minutes(10), minimumUses: 0, guards }),
      });
      prod.grants.halt(
        new Role(stack, 'OnCall', { roleName: 'on-call', assumedBy: new AccountPrincipal(aws.account) }),
      );
      prompt.addAlias('EU', {
        target: AliasTarget.parameter(),
        callableVersions: 3,
        rollout: Rollout.split(50, { for: Duration.hours(1), scores: ['helpful'] }),
      });
    };
    return deployer.deployStack(STACK, build);
  };
  /** With the endpoint's clock. */
  const start = (args: string[], who = aws.operator) =>
    startCommand(args, { ...aws.environment(who), ...hurried(aws.now().getTime() - Date.now()) });
  const run = (args: string[], who = aws.operator) => start(args, who).finished;
  const halt = (reason: string, ...more: string[]) => [
    'rollout',
    'halt',
    'letters',
    'PROD',
    '--reason',
    reason,
    ...more,
  ];
  const json = async (args: string) => JSON.parse((await run([...args.split(' '), '--json'])).stdout);
  const done = async (args: string) => {
    const { code, stdout, stderr } = await run(args.split(' '));
    expect(code, `${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  const own = () => ({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
  /** Somebody who has what `grants.halt` gives, and nothing else. */
  const onCall = async () => {
    const RoleArn = `arn:aws:iam::${aws.account}:role/on-call`;
    const { Credentials } = await new STSClient(own()).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'mary' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  const controller = async () => {
    const functions = Object.entries(await deployer.resources(STACK, 'AWS::Lambda::Function'));
    return functions.find(([id]) => id.startsWith('Controller'))?.[1] ?? '';
  };
  /** In each of ten minutes one of the candidate, which fails at once, and 19 of stable. */
  const firstUses = (from: number) => {
    for (let use = 0; use < 200; use++) {
      const [version, time] = [use % 20 === 0 ? 2 : 1, from + Math.floor(use / 20) * 60_000 + (use % 20) * 1_000];
      const where = { registry: '/prompts/roll', prompt: 'letters', alias: 'PROD', version, time };
      aws.logged(firstUseMetrics(where, version === 2 ? undefined : 500));
    }
  };
  const used = (version: number) => {
    const use = { prompt: 'letters', alias: 'PROD', version } as Parameters<typeof embeddedMetrics>[0]['use'];
    const usage = { inputTokens: 8, outputTokens: 1 };
    aws.logged(
      embeddedMetrics({ use, registry: '/prompts/roll', latency: 500, usage, time: aws.now().getTime() - 60_000 }),
    );
  };
  /** Minutes take a second each, in which the controller comes as often, until readers give the candidate this share. */
  const reaches = async (share: number, alias = 'PROD') => {
    const parameters = new SSMClient(own());
    const read = async (name: string) => {
      const Name = `/prompts/roll/letters/${alias}/${name}`;
      return (await parameters.send(new GetParameterCommand({ Name }))).Parameter?.Value;
    };
    const served = async () =>
      shareAt(parseRollout(await read('rollout')), parseProgress(await read('rollout-progress')), aws.now().getTime());
    aws.setSpeed(60);
    while ((await served()) !== share) await new Promise((resolve) => setTimeout(resolve, 200));
    aws.setSpeed(1);
    await aws.idle();
  };

  /** Who said yes and how many said something, of version 1, then of 2. */
  const counted = async (score: string) => {
    const dimensions = (version: number) =>
      Object.entries({ Registry: '/prompts/roll', Prompt: 'letters', Alias: 'EU', Version: String(version) });
    const asked = [1, 2].flatMap((version) => ['Sum', 'SampleCount'].map((Stat) => ({ version, Stat })));
    const { MetricDataResults = [] } = await new CloudWatchClient(own()).send(
      new GetMetricDataCommand({
        MetricDataQueries: asked.map(({ version, Stat }, index) => ({
          Id: `m${index}`,
          MetricStat: {
            ...{ Period: 3_600, Stat },
            Metric: {
              Namespace: PROMPT_METRICS.namespace,
              MetricName: scoreMetric(score),
              Dimensions: dimensions(version).map(([Name, Value]) => ({ Name, Value })),
            },
          },
        })),
        StartTime: new Date(aws.now().getTime() - 7_200_000),
        EndTime: new Date(aws.now().getTime() + 60_000),
      }),
    );
    const sums = new Map(MetricDataResults.map(({ Id, Values = [] }) => [Id, Values.reduce((a, b) => a + b, 0)]));
    return asked.map((_, index) => sums.get(`m${index}`) ?? 0);
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
    // A minute may be over meanwhile.
    expect(await done('rollout status letters PROD')).toMatch(/1 → 2 {3}(begins with the next minute|5 % from )/);
    await reaches(5);
    expect(await done('rollout status letters PROD')).toMatch(/1 → 2 {3}5 % since .*, 50 % not before /);
    expect(await done('list letters')).toMatch(/PROD +1, 2 at 5 % /);
    const agrees = await done('status letters');
    expect(agrees).not.toContain('✖');
    expect(agrees).toContain('version 2 runs on amazon.nova-pro-v1:0');
    await reaches(50);
    const { records, ...standing } = await json('rollout status letters PROD');
    expect(standing).toMatchObject({ state: 'step', share: 50, stable: 1 });
    expect(await done('rollout status letters PROD')).toContain('promote letters PROD --to :2');
    expect(await done('promote letters PROD --to :2 --yes')).toContain('1 → 2, rollout settled');
    const history = await done('history letters PROD');
    expect(history).toMatch(/1 → 2, ends rollout #\d live[\s\S]*1 → 1, rolls out 2[\s\S]*50 %[\s\S]*5 %/);
    expect(await done('rollout status letters PROD')).toContain('2, no rollout');
    expect(await done('status letters')).not.toContain('✖');
    // Not before it is settled: a controller whose minute comes meanwhile would halt it.
    firstUses(Date.parse(records[0].at));
    used(2);
    expect(await json('rollout readout letters PROD')).toMatchObject({
      ...{ stable: 1, candidate: 2, ended: expect.any(String), isVoid: false },
      split: { candidate: 10, stable: 190, share: 0.05, isFaulty: false },
      metrics: [
        { name: 'errors', candidate: { n: 10, yes: 10 }, stable: { n: 190, yes: 0 } },
        { name: 'slow', candidate: { n: 10, yes: 10 }, stable: { n: 190, yes: 0 } },
      ],
    });
  });

  describe('Readout and metrics on a bad day of CloudWatch', () => {
    const both = (who = aws.operator) =>
      Promise.all(
        [
          ['rollout', 'readout', 'letters', 'PROD'],
          ['metrics', 'letters'],
        ].map((args) => run([...args, '--json'], who)),
      );
    const under = (fault: (ask: number) => unknown) => {
      const asked = new Map<string, number>();
      const intercept: LocalAws['interceptors'][number] = ({ operation, input }) => {
        if (operation !== 'GetMetricData') return undefined;
        const question = JSON.stringify(input.MetricDataQueries);
        asked.set(question, (asked.get(question) ?? 0) + 1);
        return fault(asked.get(question) ?? 0);
      };
      aws.interceptors.push(intercept);
      return both().finally(() => aws.interceptors.splice(aws.interceptors.indexOf(intercept), 1));
    };
    const refused = (code: string, status: number, message: string) => {
      throw new AwsError(code, status, message);
    };

    it('are as always where it throttles twice', async () => {
      const found = await under((ask) => ask <= 2 && refused('Throttling', 400, 'Rate exceeded'));
      expect(found.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ]);
      const [readout, { versions }] = found.map(({ stdout }) => JSON.parse(stdout));
      expect(readout).toMatchObject({ split: { candidate: 10, stable: 190 } });
      expect(versions).toMatchObject([{ alias: 'PROD', version: 2, uses: 1 }]);
    });

    it.each<[string, (ask: number) => unknown, string[]]>([
      [
        'throttles for ever',
        () => refused('Throttling', 400, 'Rate exceeded'),
        ['too many requests', 'Rate exceeded', 'wait a moment and try again'],
      ],
      [
        'turns them away by a name of its own',
        () => refused('Busy', 429, 'come back later'),
        ['too many requests', 'come back later', 'wait a moment and try again'],
      ],
      [
        'answers in part',
        () =>
          ({ MetricDataResults = [] }: GetMetricDataOutput) => {
            for (const result of MetricDataResults.slice(-1)) result.StatusCode = 'PartialData';
          },
        ['CloudWatch answered in part', 'PartialData', 'again in a moment'],
      ],
    ])('say so where it %s', async (_, fault, said) => {
      for (const { code, stdout, stderr } of await under(fault)) {
        expect([code, stdout]).toEqual([1, '']);
        for (const part of said) expect(stderr).toContain(part);
      }
    });

    it('name the permission that is missing', async () => {
      const Action = ['cloudformation:*', 'bedrock:*', 's3:*', 'ssm:*', 'iam:*'];
      const lee = aws.user('lee', [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }]);
      for (const { code, stdout, stderr } of await both(lee)) {
        expect([code, stdout]).toEqual([6, '']);
        expect(stderr).toContain('cloudwatch:GetMetricData');
      }
    });
  });

  it('begins one by a saved plan, and none by another that was made before', async () => {
    const [plan, other] = [await json('plan letters PROD --to :3'), await json('plan letters PROD --to :3')];
    expect(plan).toMatchObject({ rollout: { change: 'start', candidate: 3, steps: [5, 50] } });
    expect(await json(`promote letters PROD --plan ${plan.id} --yes`)).toMatchObject({ rollout: { candidate: 3 } });
    for (const id of [plan.id, other.id]) {
      const { code, stdout, stderr } = await run(['promote', 'letters', 'PROD', '--plan', id, '--yes', '--json']);
      expect([code, stdout]).toEqual([5, '']);
      expect(stderr).toContain('the plan is stale: nothing was moved');
    }
    await reaches(5);
  });

  it.each([
    ['of 10,000 characters', 'x'.repeat(10_000), 'found 10000'],
    ['that paints over a screen', '\u001b[2Kall is well', 'in one line'],
    ['that names a secret', '{{resolve:ssm:key}}', 'in one line'],
  ])('halts for no reason %s', async (_, reason, said) => {
    const { code, stdout, stderr } = await run(halt(reason));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
    expect(stderr.length).toBeLessThan(600);
  });

  it('halts none without the right to, and says which one is missing', async () => {
    const Statement = [
      { Effect: 'Allow', Action: ['cloudformation:*', 'bedrock:*', 's3:*', 'ssm:*', 'iam:*'], Resource: '*' },
    ];
    const kim = aws.user('kim', [{ Version: '2012-10-17', Statement }]);
    const { code, stdout, stderr } = await run(halt('complaints', '--json'), kim);
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toContain('lambda:InvokeFunction');
  });

  // What `grants.halt` gives, and nothing else.
  it('halts none for who may halt and read nothing, and says what to name', async () => {
    const { code, stdout, stderr } = await run(halt('complaints', '--json'), await onCall());
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toContain('--controller ARN');
    expect(stderr).toContain('cloudformation:');
  });

  it('halts one at once though its controller is busy, and ends it with rollback under those who watch', async () => {
    const watching = start(['rollout', 'status', 'letters', 'PROD', '--watch', '--json']);
    let busy = 6;
    aws.interceptors.push(({ operation }) => {
      if (operation === 'Invoke' && busy-- > 0) throw new AwsError('TooManyRequestsException', 429, 'Rate Exceeded.');
    });
    const mary = await onCall();
    const named = halt('complaints', '--json', '--controller', await controller());
    const halted = await run(named, mary).finally(() => aws.interceptors.pop());
    expect(busy, 'six calls were turned away, a later one was heard').toBeLessThan(0);
    expect(halted.stderr).toBe('');
    expect(JSON.parse(halted.stdout)).toMatchObject({ outcome: 'halted', reason: 'complaints', step: 0 });
    expect(JSON.parse((await run(halt('again', '--json'))).stdout)).toMatchObject({
      outcome: 'halted-before',
      reason: 'complaints',
    });
    expect((await run(halt('again'))).stdout).toContain('was halted before');
    expect(await done('rollout status letters PROD')).toMatch(/halted at .*: complaints/);
    const [{ aliases }] = await json('list letters');
    expect(aliases.find(({ alias }: { alias: string }) => alias === 'PROD')).toMatchObject({
      ...{ version: 2, rollout: { candidate: 3, halted: true, share: 0 } },
    });
    expect(await json('rollout status letters PROD')).toMatchObject({ state: 'halted', by: 'request' });
    const settle = await json('plan letters PROD --to :3');
    expect(settle.rollout).toMatchObject({ change: 'settle', candidate: 3, halted: true });
    expect(await done('plan letters PROD --to :3')).toContain('settled: 3 for everybody, though it was halted');
    expect((await json('plan letters PROD --to :2')).rollout).not.toHaveProperty('halted');
    expect(await done('rollback letters PROD --yes')).toContain('2, rollout of 3 ended');
    const { code, stdout, stderr } = await watching.finished;
    expect([code, stderr]).toEqual([0, '']);
    const states = stdout
      .trimEnd()
      .split(/\n(?={)/)
      .map((text) => JSON.parse(text));
    expect(states.at(0)).toMatchObject({ rollout: { candidate: 3 } });
    expect(states.at(-1)).toMatchObject({ prompt: 'letters', alias: 'PROD', stable: 2, rollout: null });
    const none = await run(halt('nothing', '--json'));
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toContain('has no rollout to halt');
  });

  it('moves at once where it is told so, and goes back past everything', async () => {
    expect(await done('promote letters PROD --to :3 --now --yes')).toContain('letters PROD  2 → 3');
    expect(await done('rollback letters PROD --to :2 --yes')).toContain('3 → 2');
  });

  it('splits the keys for an hour, counts what they say of each version, and leaves it to people what becomes of it', async () => {
    await done('promote letters EU --to :1 --yes');
    expect(await done('promote letters EU --to :2 --yes')).toContain('begins: 2 to half of the keys for 1 hour');
    const end = aws.now().getTime() + 3_600_000;
    await reaches(50, 'EU');
    const ssm = new SSMClient(own());
    const clock = { ...systemClock, wall: () => aws.now().getTime() };
    const metrics = (line: string) => aws.logged(line);
    const options = { parameterPrefix: '/prompts/roll', alias: 'EU', ssm, clock, metrics, logger: false } as const;
    const answers = new PromptClient(options);
    const feedback = new PromptClient(options);
    const arms = { 1: 0, 2: 0 };
    for (let user = 0; user < 20; user++) {
      const { version, exposure } = await answers.get('letters', { targetingKey: `user-${user}` });
      arms[version as 1 | 2] += 1;
      expect(await feedback.score(exposure, 'helpful', version === 2)).toBe(true);
      expect(await feedback.score(exposure, 'helpful', true)).toBe(false);
      expect(await feedback.score(exposure, 'polite', true)).toBe(false);
    }
    expect(Math.min(arms[1], arms[2])).toBeGreaterThan(0);
    expect(await counted('helpful')).toEqual([0, arms[1], arms[2], arms[2]]);
    expect(await counted('polite')).toEqual([0, 0, 0, 0]);
    expect(await done('status letters')).toMatch(/EU {2}1, 2 at 50 % until 20/);
    const early = (await done('plan letters EU --to :2')).replace(/\s+/g, ' ');
    expect(early).toMatch(/settled: 2 for everybody; the split of 2 would end at 20.* UTC: this stops the comparison/);
    // By the clock and not by the share: a controller that is slow on a busy machine leaves everybody on stable before.
    aws.setSpeed(900);
    while (aws.now().getTime() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    aws.setSpeed(1);
    await aws.idle();
    expect((await answers.get('letters', { targetingKey: 'user-0' })).exposure).toBeUndefined();
    expect(await done('rollout status letters EU')).toMatch(/1 → 2 {3}over since .*, everybody gets 1/);
    const settled = (await done('promote letters EU --to :2 --yes')).replace(/\s+/g, ' ');
    expect(settled).toMatch(/settled: 2 for everybody; the split of 2 is over since 20/);
    expect(settled).toContain('1 → 2, rollout settled');
    expect(await done('history letters EU')).toMatch(/1 → 1, rolls out 2 at 50 % until 20/);
    expect((await new PromptClient(options).get('letters', { targetingKey: 'user-0' })).version).toBe(2);
  });

  it('leaves a ledger in which the audit finds nothing', async () => {
    const { findings } = await json('audit verify letters');
    expect(
      findings.filter(({ check }: { check: string }) => ['chains', 'parameters', 'policies'].includes(check)),
    ).toEqual([]);
  });
});
