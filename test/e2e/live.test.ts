import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../packages/local-aws/aws-error';
import { Adversary, type AdversaryOptions } from '../../packages/local-aws/cloudformation/adversary';
import type { Interceptor } from '../../packages/local-aws/server';
import { LiveWorld } from './live-process';

const SANDBOX = ['--profile', 'sandbox', '--json'];
const QUICK = ['--propagation', '0', '--long-wait', '16'];
const WHOLE_RUN = 600_000;

/** CloudFormation's ways, which each test chooses before it deploys. */
const ways: { -readonly [Key in keyof AdversaryOptions]: AdversaryOptions[Key] } = {};
let world: LiveWorld;

beforeAll(async () => {
  world = await LiveWorld.start({ iamDelayMs: 200, cloudFormation: new Adversary(ways) });
  await world.bootstrap();
}, WHOLE_RUN);

afterEach(() => {
  world.aws.interceptors.splice(0);
  delete ways.attributesOnRollback;
  delete ways.rollbackOrder;
});

afterAll(() => world.stop());

/** The verdicts, by number of the check and id of the question. */
function verdicts({ report }: Awaited<ReturnType<LiveWorld['run']>>): Record<string, string> {
  const all = report.checks.flatMap(({ number, answers }) =>
    answers.map(({ id, verdict }) => [`${number} ${id}`, verdict] as const),
  );
  return Object.fromEntries(all);
}

function seen(run: Awaited<ReturnType<LiveWorld['run']>>, number: number, id: string): string {
  const check = run.report.checks.find((one) => one.number === number);
  return check?.answers.find((answer) => answer.id === id)?.seen.join('\n') ?? '';
}

const denied = new AwsError('AccessDeniedException', 403, 'denied by the test');

function refuse(operation: string, when: (call: Parameters<Interceptor>[0]) => boolean) {
  world.aws.interceptors.push((call) => {
    if (call.operation === operation && when(call)) throw denied;
  });
}

describe('npm run live', () => {
  it('answers all questions as this endpoint does, and leaves nothing', { timeout: WHOLE_RUN }, async () => {
    ways.attributesOnRollback = 'stored';
    ways.rollbackOrder = 'dependents-first';
    const callsBefore = world.aws.calls.length;

    const run = await world.run([...SANDBOX, '--yes', ...QUICK]);

    expect([...new Set(Object.values(verdicts(run)))], JSON.stringify(run.report.checks, null, 1)).toEqual(['holds']);
    expect(run.code).toBe(0);
    expect(run.report).toMatchObject({ isAws: false, endpoints: [world.aws.endpoint], left: [], interrupted: false });
    expect(run.stderr).toContain(`${world.aws.endpoint}: NOT AWS`);
    expect(seen(run, 1, 'attributes')).toMatch(/STAGING: stored .*\nPROD: stored /);
    for (const alias of ['STAGING', 'PROD']) {
      expect(seen(run, 1, 'order')).toContain(`${alias}: parameter, then alias, then policy, then plan`);
    }
    expect(seen(run, 1, 'unmoved')).toMatch(/recorded: STAGING #2 promote 1 → 2, STAGING #3 rollback \(undo\) 2 → 1/);
    expect(run.report.checks.find(({ number }) => number === 1)?.facts).toContain(
      'the first event of an alias on the way forward shows those of the release',
    );
    expect(seen(run, 2, 'fence')).toMatch(
      /^recorded: STAGING #4 abandon \(undo\) 1 → 1, PROD #4 abandon \(undo\) 1 → 1$/,
    );
    expect(seen(run, 4, 'floats')).toBe('temperature 0.20000000298023224, topP 0.8999999761581421');
    expect(seen(run, 5, 'number')).toBe('version 10 was deleted, the next one is 11');
    // Two answers of a model, as was announced; the refusals came before one.
    const calls = world.aws.calls.slice(callsBefore).filter(({ operation }) => operation === 'Converse');
    expect(calls.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(run.stderr).toContain('2 model calls of at most 10 tokens');
    expect(await world.remains()).toEqual([]);
  });

  it('tells fresh attributes from stored ones, lists a bucket that it may not delete, and takes it away when it may', {
    timeout: WHOLE_RUN,
  }, async () => {
    ways.attributesOnRollback = 'fresh';
    refuse('DeleteBucket', () => true);

    const run = await world.run([...SANDBOX, '--yes', '--only', '1', ...QUICK]);

    expect(verdicts(run)).toEqual({
      '1 attributes': 'holds',
      '1 in-progress': 'holds',
      '1 order': 'holds',
      '1 token': 'holds',
      '1 unmoved': 'holds',
    });
    expect(seen(run, 1, 'attributes')).toMatch(/STAGING: fresh \(Direction back, /);
    expect(seen(run, 1, 'order')).toContain('PROD: plan, then policy, then alias, then parameter');
    expect(run.code).toBe(3);
    const [bucket = '', ...others] = await world.remains();
    expect(others).toEqual([]);
    expect(run.report.left).toEqual([
      {
        what: 'bucket',
        name: bucket,
        why: 'AccessDeniedException: denied by the test',
        command: expect.stringContaining(
          `aws s3api delete-bucket --bucket ${bucket} --region us-east-1 --profile sandbox`,
        ),
      },
    ]);
    expect(run.stderr).not.toContain('Nothing is left');
    expect(run.stderr).toContain(`npm run live -- --region us-east-1 --profile sandbox --remove ${run.report.id}`);

    world.aws.interceptors.splice(0);
    const removal = await world.run(['--profile', 'sandbox', '--remove', run.report.id]);

    expect(removal.stdout).toContain('Nothing is left. Looked for');
    expect(removal.code).toBe(0);
    expect(await world.remains()).toEqual([]);
  });

  it('removes on Ctrl-C what a deployment had made so far, once CloudFormation lets go of it', {
    timeout: WHOLE_RUN,
  }, async () => {
    let child: { kill(signal: 'SIGINT'): void } | undefined;
    world.aws.interceptors.push(({ operation, principalArn }) => {
      if (operation === 'CreatePrompt' && /cfn-exec-role/.test(principalArn)) child?.kill('SIGINT');
    });

    const run = await world.run([...SANDBOX, '--yes', '--only', '1', ...QUICK], {
      meanwhile: (started) => {
        child = started;
      },
    });

    expect(run.stderr).toContain('Interrupted: removes what was made');
    expect(run.stderr).toMatch(/waits for Prompts-live-\w+, CREATE_IN_PROGRESS/);
    expect(run.report).toMatchObject({
      interrupted: true,
      left: [],
      removed: [expect.stringMatching(/^stack Prompts-/), expect.stringMatching(/^bucket /)],
    });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['could not tell']));
    expect(seen(run, 1, 'order')).toBe('interrupted');
    expect(run.code).toBe(130);
    expect(await world.remains()).toEqual([]);
  });

  it.each([
    ['no', 'no\n'],
    ['nothing', ''],
    ['yes, but not quite', 'yesterday\n'],
  ])('creates nothing after the answer %s', async (_, input) => {
    const before = world.aws.calls.length;

    const run = await world.run(['--profile', 'sandbox', '--only', '3,4,5'], { input });

    expect(run.stdout).toContain('This creates, everything with live-');
    expect(run.stdout).toContain('Nothing was created.');
    expect(run.code).toBe(0);
    const changing = world.aws.calls.slice(before).filter(({ operation }) => !/^(Get|List|Describe)/.test(operation));
    expect(changing).toEqual([]);
  });

  it('asks on when a check fails, and removes what that one made too', async () => {
    const isOf = (role: string) => (call: { input: Record<string, unknown> }) =>
      String((call.input as { name?: string }).name).endsWith(role);
    refuse('UpdatePrompt', isOf('-numbers'));

    const run = await world.run([...SANDBOX, '--only', '3,5,4'], { input: 'yes\n' });

    expect(verdicts(run)).toEqual({
      ...{ '3 name': 'holds', '4 floats': 'holds', '4 empty': 'holds', '4 digest': 'holds', '4 fresh': 'holds' },
      ...{ '5 token': 'could not tell', '5 limit': 'could not tell', '5 number': 'could not tell' },
    });
    expect(seen(run, 5, 'limit')).toBe('AccessDeniedException: denied by the test');
    expect(run.report.removed.map((name) => name.replace(/-live-\w+|live-\w{6}/, ''))).toEqual([
      'prompt -duplicate',
      'prompt -echo',
      'prompt -numbers',
    ]);
    expect(run.code).toBe(2);
    expect(await world.remains()).toEqual([]);
  });

  it('says which decision stands on what it finds otherwise', async () => {
    let tokens = 0;
    world.aws.interceptors.push(({ operation, input }) => {
      const given = input as { name?: string; clientToken?: string };
      // An AWS that takes a name twice, and forgets tokens.
      if (operation === 'CreatePrompt' && given.name?.endsWith('-duplicate') && tokens++ > 0) given.name += '-2';
      if (operation === 'CreatePromptVersion') delete given.clientToken;
    });

    const run = await world.run(['--profile', 'sandbox', '--yes', '--only', '3,5']);

    expect(run.stdout).toMatch(/seen {7}a second prompt of the name: \w{10} and \w{10}/);
    expect(run.stdout).toContain('DIFFERS    concerns docs/adr/0001-versions-by-a-custom-resource.md');
    expect(run.stdout).toMatch(/first version 1, then version 2; ListPrompts shows DRAFT, 2, 1\s/);
    expect(run.stdout).toMatch(/4 questions: 2 hold, 2 differ, 0 could not be told; not AWS\.\s*$/);
    expect(run.code).toBe(2);
    expect(await world.remains()).toEqual([]);
  });

  it('lists a prompt that it may not delete, with the command that does', async () => {
    refuse('DeletePrompt', () => true);

    const run = await world.run([...SANDBOX, '--yes', '--only', '3']);

    const { id, left } = run.report;
    expect(left).toEqual([
      {
        what: 'prompt',
        name: `${id}-duplicate`,
        why: 'AccessDeniedException: denied by the test',
        command: expect.stringMatching(
          /^aws bedrock-agent delete-prompt --prompt-identifier \w{10} --region us-east-1 --profile sandbox$/,
        ),
      },
    ]);
    expect(run.code).toBe(3);

    world.aws.interceptors.splice(0);
    expect((await world.run(['--profile', 'sandbox', '--remove', id])).code).toBe(0);
    expect(await world.remains()).toEqual([]);
  });

  it('does not say that nothing is left where it could not look', async () => {
    refuse('ListFunctions', () => true);

    const run = await world.run(['--profile', 'sandbox', '--yes', '--only', '3']);

    expect(run.stdout).toContain('functions: could not look');
    expect(run.stdout).not.toContain('Nothing is left');
    expect(run.code).toBe(3);
    world.aws.interceptors.splice(0);
    expect(await world.remains()).toEqual([]);
  });
});

describe('What keeps npm run live from starting', () => {
  it('is a profile that is not there', async () => {
    const { code, stderr } = await world.run(['--profile', 'nobody']);
    expect(stderr).toBe('no profile nobody\n  there are: sandbox, nowhere\n  aws configure list-profiles\n');
    expect(code).toBe(6);
  });

  it('is a profile without a Region', async () => {
    const { code, stderr } = await world.run(['--profile', 'nowhere']);
    expect(stderr).toBe(
      'no Region\n  name one with --region, set AWS_REGION, or write it into the profile: aws configure\n',
    );
    expect(code).toBe(64);
  });

  it('is an endpoint that does not answer', async () => {
    const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await world.run(['--profile', 'sandbox'], { environment });
    expect(stderr).toMatch(/^cannot reach AWS\n.*127\.0\.0\.1:1\n/);
    expect(code).toBe(1);
  });

  it('is a missing permission, which it names', async () => {
    const { aws } = world;
    const settings = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    const iam = new IAMClient(settings);
    const allow = (Action: string, rest: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, ...rest }] });
    const trust = allow('sts:AssumeRole', { Principal: { AWS: `arn:aws:iam::${aws.account}:root` } });
    await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }));
    const PolicyDocument = allow('bedrock:ListPrompts', { Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'some', PolicyDocument }));
    const RoleArn = `arn:aws:iam::${aws.account}:role/reader`;
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' });
    const { Credentials } = await new STSClient(settings).send(command);
    const environment = {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
      AWS_REGION: aws.region,
    };

    const { code, stderr, stdout } = await world.run(['--yes', '--only', '3'], { environment });

    expect(stdout).toContain('as        arn:aws:sts::111122223333:assumed-role/reader/test');
    expect(stderr).toMatch(/^AWS refuses: a permission is missing\n.*cloudformation:ListStacks/);
    expect(code).toBe(6);
  });

  it('is an account without the CDK’s bootstrap stack, for the checks that deploy', async () => {
    const bare = await LiveWorld.start({});
    try {
      const { code, stderr } = await bare.run(['--profile', 'sandbox', '--yes']);
      expect(stderr).toContain('111122223333 in us-east-1 is not bootstrapped for the CDK');
      expect(stderr).toContain('npx cdk bootstrap aws://111122223333/us-east-1 --profile sandbox');
      expect(code).toBe(1);
      expect(bare.aws.calls.map(({ operation }) => operation).filter((name) => !/^(Get|List)/.test(name))).toEqual([]);
      expect((await bare.run(['--profile', 'sandbox', '--yes', '--only', '3'])).code).toBe(0);
    } finally {
      await bare.stop();
    }
  });

  it.each([
    [['--only', '7'], 'expected --only with some of 0,1,2,3,4,5,6, found 7'],
    [['--long-wait', 'long'], 'expected --long-wait in whole seconds from 0 to 120, found long'],
    [['--remove', 'production'], 'expected --remove with the id of a run, such as live-3f9a1c, found production'],
    [['--force'], "Unknown option '--force'"],
  ])('is the command line %j', async (args, message) => {
    const { code, stderr } = await world.run(args);
    expect(stderr).toContain(message);
    expect(code).toBe(64);
  });
});
