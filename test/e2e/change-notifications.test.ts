import { GetPromptCommand, TagResourceCommand, UpdatePromptCommand } from '@aws-sdk/client-bedrock-agent';
import {
  CloudTrailClient,
  DeleteTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { DeleteParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  AliasTarget,
  Prompt,
  PromptAuditTrail,
  PromptChangeNotifications,
  PromptRegistry,
  PromptVariant,
  Rollout,
} from '../../lib';
import { startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { assumeRole, type Clients } from './clients';
import { idOf, RegistryBench } from './registry-bench';
import { review, session } from './reviewers';

const NAMES = { stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' };
const PARAMETER = '/prompts/test/advisor/PROD';
const TRAIL = 'prompt-audit';
const EXECUTION_ROLE = 'cdk-hnb659fds-cfn-exec-role-111122223333-us-east-1';
/** Each deployment starts processes for the handlers. */
const PATIENCE = 300_000;

let bench: RegistryBench;
/** A person with all rights, who is not the registry. */
let eve: Clients;
let seen = 0;
/** What had no topic policy to let it through yet while the stack was made. */
let lost = 0;

const app = (text: string) => (stack: Stack) => {
  const { parameterPrefix, promptName } = NAMES;
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix, policyPropagation: Duration.seconds(0) });
  const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName, variant });
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  const { trailArn } = new PromptAuditTrail(stack, 'Audit', { registries: [registry], trailName: TRAIL });
  new PromptChangeNotifications(stack, 'Notifications', { registry, topic: new Topic(stack, 'Topic'), trailArn });
  prompt.addAlias('ROLLING', {
    ...{ target: AliasTarget.parameter(), callableVersions: 3 },
    rollout: Rollout.steps([5, 50], { bake: Duration.minutes(10) }),
  });
};

async function role(RoleName: string, Principal: object): Promise<void> {
  const { iam } = bench.operator;
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const AssumeRolePolicyDocument = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Effect: 'Allow', Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
}

async function deploy(text: string, version?: number, rolling = 'none') {
  const template = await bench.synthesize(app(text));
  const targets = { AdvisorProdVersion: String(version), AdvisorRollingVersion: rolling };
  return bench.deploy(template, version === undefined ? {} : targets);
}

async function ledgerBucket(): Promise<string> {
  const buckets = await bench.deployer.resources(NAMES.stack, 'AWS::S3::Bucket');
  const [, bucket = ''] = Object.entries(buckets).find(([id]) => id.startsWith('Ledger')) ?? [];
  return bucket;
}

/** What arrived since this was asked last. */
async function arrived(): Promise<string[]> {
  await bench.aws.idle();
  expect(bench.aws.undelivered.slice(lost)).toEqual([]);
  const [topic = ''] = Object.values(await bench.deployer.resources(NAMES.stack, 'AWS::SNS::Topic'));
  const all = bench.aws.topicMessages(topic);
  const fresh = all.slice(seen).map(({ message }) => message);
  seen = all.length;
  return fresh;
}

/** Where the circumstances of Eve's call stand in a message. */
const BY_EVE =
  /Who: AssumedRole arn:aws:sts::111122223333:assumed-role\/Eve\/test, from 127\.0\.0\.1\. When: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Event: [0-9a-f-]{36}, account 111122223333, us-east-1\./;

beforeAll(async () => {
  const aws = await startLocalAws();
  const roleArn = `arn:aws:iam::${aws.account}:role/${EXECUTION_ROLE}`;
  bench = new RegistryBench(aws, NAMES, new StackDeployer(aws, { roleArn }));
  await role(EXECUTION_ROLE, { Service: 'cloudformation.amazonaws.com' });
  await role('Eve', { AWS: `arn:aws:iam::${aws.account}:root` });
  eve = await assumeRole(aws, 'Eve');
  expect((await deploy('Explain it')).failures).toEqual([]);
  await aws.idle();
  lost = aws.undelivered.length;
  await arrived();
}, PATIENCE);
afterAll(() => bench.aws.stop());

describe('PromptChangeNotifications', { timeout: PATIENCE }, () => {
  it('tell once of a release: which alias, who, when, and the event', async () => {
    expect((await deploy('Explain it', 1)).failures).toEqual([]);

    const messages = await arrived();

    expect(messages).toEqual([
      expect.stringMatching(
        new RegExp(
          `^"Release: the stack of the prompt registry /prompts/test called PutParameter on the alias ${PARAMETER}\\. ` +
            `Who: AssumedRole arn:aws:sts::111122223333:assumed-role/${EXECUTION_ROLE}/AWSCloudFormation, ` +
            'from cloudformation\\.amazonaws\\.com\\. When: [0-9TZ:-]+\\. Event: [0-9a-f-]{36}, account 111122223333, us-east-1\\."$',
        ),
      ),
    ]);
  });

  it('tell only of the releases when the registry itself deploys, publishes and records ten of them', async () => {
    for (let version = 2; version <= 6; version += 1) {
      expect((await deploy(`Explain it ${version}`)).failures, 'a new version, which moves no alias').toEqual([]);
      expect((await deploy(`Explain it ${version}`, version)).failures, 'its release').toEqual([]);
      expect((await deploy(`Explain it ${version}`, version - 1)).failures, 'and the way back').toEqual([]);
    }

    const messages = await arrived();

    expect(messages.filter((message) => !message.startsWith('"Release:'))).toEqual([]);
    expect(messages).toHaveLength(10);
    // Not for want of events: the trail logged all that the rules have to leave out.
    const logged = bench.aws.history.entries.map(({ record }) => record);
    const count = (eventName: string) => logged.filter((record) => record.eventName === eventName).length;
    expect(count('CreatePromptVersion')).toBe(6);
    expect(count('UpdatePrompt')).toBe(5);
    const ledger = `arn:aws:s3:::${await ledgerBucket()}/`;
    const written = logged.filter(({ resources }) => resources?.some(({ ARN }) => ARN?.startsWith(`${ledger}ledger/`)));
    expect(written.filter(({ eventName }) => eventName === 'PutObject')).toHaveLength(11);
  });

  it('tell of a rollout as of a release, and of nothing that its controller writes', async () => {
    for (const rolling of ['5', '5..6']) expect((await deploy('Explain it 6', 5, rolling)).failures).toEqual([]);
    const begun = await arrived();
    const about = (alias: string) =>
      expect.stringMatching(`^"Release: .* called PutParameter on the alias /prompts/test/advisor/${alias}\\. `);
    expect(begun.sort()).toEqual([about('ROLLING'), about('ROLLING/rollout')]);
    const written = () =>
      bench.aws.history.entries.filter(({ record: { eventName, requestParameters, userIdentity } }) => {
        const { name, key } = requestParameters ?? {};
        const isOwn = userIdentity.sessionContext?.sessionIssuer.userName.includes('ControllerRole');
        return (
          isOwn && (eventName === 'PutParameter' || eventName === 'PutObject') && `${name ?? key}`.includes('rollout')
        );
      }).length;
    bench.aws.setSpeed(60);
    await vi.waitFor(() => expect(written()).toBeGreaterThan(3), { timeout: 60_000, interval: 200 });
    bench.aws.setSpeed(1);

    expect(await arrived()).toEqual([]);
  });

  it('tell of a prompt that somebody else changes', async () => {
    const promptIdentifier = idOf(await bench.promptArn());
    const { name, variants } = await eve.bedrock.send(new GetPromptCommand({ promptIdentifier }));
    await arrived();
    await eve.bedrock.send(new UpdatePromptCommand({ promptIdentifier, name, variants }));

    expect(await arrived()).toEqual([
      expect.stringContaining(
        `Prompt changed by somebody else than the prompt registry /prompts/test: UpdatePrompt on the prompt ${promptIdentifier} advisor. Who: AssumedRole`,
      ),
    ]);

    await eve.bedrock.send(new TagResourceCommand({ resourceArn: await bench.promptArn(), tags: { approved: 'yes' } }));

    expect(await arrived()).toEqual([expect.stringMatching(BY_EVE)]);
  });

  it('tell of an alias that somebody else writes or deletes, not of one that somebody reads', async () => {
    const { Parameter } = await eve.ssm.send(new GetParameterCommand({ Name: PARAMETER }));
    expect(await arrived()).toEqual([]);

    await eve.ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: Parameter?.Value, Overwrite: true }));
    const written = await arrived();
    expect(written).toEqual([
      expect.stringContaining(
        `Alias touched by somebody else than the stack of the prompt registry /prompts/test: PutParameter on the alias ${PARAMETER}. `,
      ),
    ]);
    expect(written[0]).toMatch(BY_EVE);

    await eve.ssm.send(new PutParameterCommand({ Name: '/prompts/other', Value: 'x', Type: 'String' }));
    expect(await arrived(), 'another prefix').toEqual([]);

    await eve.ssm.send(new DeleteParametersCommand({ Names: ['/other', PARAMETER] }));
    expect(await arrived()).toEqual([expect.stringContaining('DeleteParameters on the alias ["/other"')]);
  });

  it('tell of nothing that was refused, such as a record that somebody adds', async () => {
    const Bucket = await ledgerBucket();
    const forged = new PutObjectCommand({ Bucket, Key: 'ledger/forged.json', Body: '{}', IfNoneMatch: '*' });
    await expect(eve.s3.send(forged)).rejects.toMatchObject({ name: 'AccessDenied' });

    expect(await arrived()).toEqual([]);
  });

  it('tell of a delete marker on a record, and of the policy that has to go before', async () => {
    const Bucket = await ledgerBucket();
    const { Contents } = await eve.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'ledger/' }));
    const Key = Contents?.[0]?.Key ?? '';
    await eve.s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await arrived(), 'who only reads').toEqual([]);

    await eve.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    const withoutPolicy = await arrived();
    expect(withoutPolicy).toEqual([
      expect.stringContaining(
        `Ledger touched by somebody else than the prompt registry /prompts/test: DeleteBucketPolicy on the bucket ${Bucket}. Who: AssumedRole`,
      ),
    ]);

    await eve.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    const [marked = '', ...others] = await arrived();
    expect(marked).toContain(`DeleteObject on the bucket ${Bucket}. `);
    expect(marked).toMatch(BY_EVE);
    expect(marked.endsWith(` Object: ${Key}"`)).toBe(true);
    expect(others).toEqual([]);
  });

  it('tell of a trail that logs something else, is stopped or is deleted, and of nothing more after that', async () => {
    const { endpoint, region, operator: credentials } = bench.aws;
    const cloudTrail = new CloudTrailClient({ endpoint, region, credentials });
    const Field = 'eventCategory';
    const AdvancedEventSelectors = [{ FieldSelectors: [{ Field, Equals: ['Management'] }] }];
    await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: TRAIL, AdvancedEventSelectors }));
    expect(await arrived()).toEqual([
      expect.stringContaining(`PutEventSelectors on the trail ${TRAIL}. Who: IAMUser `),
    ]);

    await cloudTrail.send(new StopLoggingCommand({ Name: TRAIL }));
    const [stopped, ...others] = await arrived();
    expect(stopped).toContain(
      `Trail stopped, deleted or changed, on which the audit of the prompt registry /prompts/test stands: StopLogging on the trail ${TRAIL}. Who: IAMUser arn:aws:iam::111122223333:user/operator, from 127.0.0.1. When: `,
    );
    expect(others).toEqual([]);

    await eve.ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: 'none', Type: 'String' }));
    expect(await arrived(), 'without a trail').toEqual([]);

    await cloudTrail.send(new StartLoggingCommand({ Name: TRAIL }));
    await cloudTrail.send(new DeleteTrailCommand({ Name: TRAIL }));
    expect(await arrived()).toEqual([expect.stringContaining(`DeleteTrail on the trail ${TRAIL}. `)]);
  });
});

describe('PromptChangeNotifications of a registry with reviewers', { timeout: PATIENCE }, () => {
  it('say of each review who did what, by a function that reads it, and of one that is none, that it is none', async () => {
    const aws = await startLocalAws();
    try {
      const reviewed = new RegistryBench(aws, { ...NAMES, stack: 'Reviewed' });
      const build = (stack: Stack) => {
        const risk = new Role(stack, 'Risk', { roleName: 'Risk', assumedBy: new AccountRootPrincipal() });
        const registry = new PromptRegistry(stack, 'Registry', {
          parameterPrefix: NAMES.parameterPrefix,
          reviewers: { risk: [risk] },
        });
        risk.addManagedPolicy(registry.reviewerPolicy);
        const { trailArn } = new PromptAuditTrail(stack, 'Audit', { registries: [registry], trailName: TRAIL });
        const topic = new Topic(stack, 'Topic');
        new PromptChangeNotifications(stack, 'Notifications', { registry, topic, trailArn });
      };
      expect((await reviewed.deploy(await reviewed.synthesize(build))).failures).toEqual([]);
      await aws.idle();
      const buckets = await reviewed.deployer.resources('Reviewed', 'AWS::S3::Bucket');
      const [, Bucket = ''] = Object.entries(buckets).find(([id]) => id.startsWith('Ledger')) ?? [];
      const [topic = ''] = Object.values(await reviewed.deployer.resources('Reviewed', 'AWS::SNS::Topic'));
      const seenBefore = aws.topicMessages(topic).length;
      const bob = await session(aws, 'Risk', 'bob');
      const digest = `pd1:${'c2'.repeat(32)}`;
      const said = {
        registry: NAMES.parameterPrefix,
        prompt: 'advisor',
        promptId: 'ABCDEFGHIJ',
        alias: 'PROD',
        digest,
      };
      const approval = review(bob, 1, { ...said, group: 'risk', kind: 'approve' });
      const half = { ...review(bob, 2, { ...said, group: 'risk', kind: 'approve' }), Body: '{' };
      const messages: string[] = [];
      for (const object of [approval, half]) {
        await bob.s3.send(new PutObjectCommand({ Bucket, ...object, IfNoneMatch: '*' }));
        await aws.idle();
        messages.push(
          ...aws
            .topicMessages(topic)
            .slice(seenBefore + messages.length)
            .map(({ message }) => message),
        );
      }

      expect(messages.map((message) => message.split('\n').slice(0, 2))).toEqual([
        [
          'bob, as risk, approved advisor version 1 (pd1:c2c2c2c2…) for PROD. Registry /prompts/test, prompt ABCDEFGHIJ.',
          `To see all of it: prompt-registry review advisor PROD --to ${digest}`,
        ],
        [
          'bob, as risk, wrote a review of the prompt ABCDEFGHIJ (pd1:c2c2c2c2…) for PROD that counts for nothing: it cannot be read. Registry /prompts/test.',
          `To see all of it: prompt-registry review PROMPT PROD --to ${digest}`,
        ],
      ]);
      expect(messages[0]).toMatch(
        new RegExp(
          `\nWritten by ${bob.userId} at [0-9TZ.:-]+\\. From 127\\.0\\.0\\.1\\. Event: [0-9a-f-]{36}, account 111122223333, us-east-1\\.\nObject: ${approval.Key}$`,
        ),
      );
    } finally {
      await aws.stop();
    }
  });
});
