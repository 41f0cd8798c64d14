import { gunzipSync } from 'node:zlib';
import {
  BedrockClient,
  DeleteModelInvocationLoggingConfigurationCommand,
  GetModelInvocationLoggingConfigurationCommand,
  type LoggingConfig,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { BedrockAgentClient, CreatePromptCommand, CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ACCOUNT, policy, startWithClock, statement, trustAccount } from './local-clients';

const MODEL = 'amazon.nova-pro-v1:0';
const logGroupName = '/bedrock/calls';
const roleArn = `arn:aws:iam::${ACCOUNT}:role/Logger`;
let local: Awaited<ReturnType<typeof startWithClock>>;
let logs: CloudWatchLogsClient;
let bedrock: BedrockClient;
let runtime: BedrockRuntimeClient;

beforeEach(async () => {
  local = await startWithClock();
  logs = new CloudWatchLogsClient(local.settings);
  bedrock = new BedrockClient(local.settings);
  runtime = new BedrockRuntimeClient(local.settings);
  await local.iam.send(new CreateRoleCommand({ RoleName: 'Logger', AssumeRolePolicyDocument: trustAccount }));
});
afterEach(() => local.aws.stop());

const set = (more: Partial<LoggingConfig> = {}, cloudWatch: object = {}) => {
  const cloudWatchConfig = { logGroupName, roleArn, ...cloudWatch };
  const loggingConfig = { cloudWatchConfig, textDataDeliveryEnabled: true, ...more };
  return bedrock.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig }));
};
const mayWrite = () =>
  local.iam.send(
    new PutRolePolicyCommand({
      ...{ RoleName: 'Logger', PolicyName: 'Write' },
      PolicyDocument: policy(
        statement(
          'Allow',
          ['logs:CreateLogStream', 'logs:PutLogEvents'],
          `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${logGroupName}:log-stream:aws/bedrock/modelinvocations`,
        ),
      ),
    }),
  );
const say = (text: string, more: Partial<ConverseCommandInput> = {}) =>
  runtime.send(new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text }] }], ...more }));
const logged = async (question: object = {}) =>
  (await logs.send(new FilterLogEventsCommand({ logGroupName, ...question }))).events?.map(({ message = '' }) =>
    JSON.parse(message),
  ) ?? [];

it('is set only for a group that is there, with a role that may write to it', async () => {
  await expect(set()).rejects.toThrow(/log group does not exist/);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await expect(set()).rejects.toThrow(/Failed to validate permissions.*logs:CreateLogStream/);
  await mayWrite();
  await set();
  const { loggingConfig } = await bedrock.send(new GetModelInvocationLoggingConfigurationCommand({}));
  expect(loggingConfig).toMatchObject({ cloudWatchConfig: { logGroupName, roleArn } });
  await expect(set({ s3Config: { bucketName: 'logs' } })).rejects.toThrow('s3Config');
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  expect(logGroups).toMatchObject([
    { logGroupName, arn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${logGroupName}:*` },
  ]);
});

it('writes who called what with which content, and nothing before it is set, after that, or of refused calls', async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await mayWrite();
  await say('before');
  await set();
  await say('hello', { requestMetadata: { prompt: 'advisor' }, system: [{ text: 'Be short.' }] });
  await expect(say('to nobody', { modelId: 'no.such-model' })).rejects.toThrow();
  await bedrock.send(new DeleteModelInvocationLoggingConfigurationCommand({}));
  await say('after');
  const [record, ...others] = await logged();
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    ...{ schemaType: 'ModelInvocationLog', schemaVersion: '1.0', timestamp: '2026-11-22T12:00:00Z' },
    ...{ accountId: ACCOUNT, region: 'us-east-1', operation: 'Converse', modelId: MODEL },
    identity: { arn: `arn:aws:iam::${ACCOUNT}:user/operator` },
    requestMetadata: { prompt: 'advisor' },
    output: { outputBodyJson: { stopReason: 'end_turn' } },
  });
  expect(record.input).toEqual({
    inputContentType: 'application/json',
    inputBodyJson: { messages: [{ role: 'user', content: [{ text: 'hello' }] }], system: [{ text: 'Be short.' }] },
    inputTokenCount: record.output.outputBodyJson.usage.inputTokens,
  });
});

it('shows of a call with a prompt what was sent, or what the model got', async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await mayWrite();
  await set();
  const agent = new BedrockAgentClient(local.settings);
  const templateConfiguration = { text: { text: 'Sort {{it}}', inputVariables: [{ name: 'it' }] } };
  const variants = [{ name: 'v', templateType: 'TEXT' as const, modelId: MODEL, templateConfiguration }];
  const { id } = await agent.send(new CreatePromptCommand({ name: 'sorter', variants, defaultVariant: 'v' }));
  const { arn: modelId = '' } = await agent.send(new CreatePromptVersionCommand({ promptIdentifier: id }));
  const promptVariables = { it: { text: 'this' } };
  await say('More', { modelId, promptVariables });
  local.pass(1_000);
  local.aws.logPrompts('rendered');
  await say('More', { modelId, promptVariables });
  const more = { role: 'user', content: [{ text: 'More' }] };
  const [sent, rendered] = await logged();
  expect([sent.modelId, sent.input.inputBodyJson]).toEqual([modelId, { messages: [more], promptVariables }]);
  expect([rendered.modelId, rendered.input.inputBodyJson]).toEqual([
    MODEL,
    { messages: [{ role: 'user', content: [{ text: 'Sort this' }] }, more] },
  ]);
});

it('puts what is large into the bucket that is named for it, and leaves out what it may not show', async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await mayWrite();
  await set({ textDataDeliveryEnabled: false });
  await say('secret');
  await set();
  local.pass(1_000);
  await say('x'.repeat(100_001));
  await local.s3.send(new CreateBucketCommand({ Bucket: 'large' }));
  const allow = statement('Allow', 's3:PutObject', 'arn:aws:s3:::large/calls/AWSLogs/*', {
    Principal: { Service: 'bedrock.amazonaws.com' },
  });
  await local.s3.send(new PutBucketPolicyCommand({ Bucket: 'large', Policy: policy(allow) }));
  await set({}, { largeDataDeliveryS3Config: { bucketName: 'large', keyPrefix: 'calls' } });
  local.pass(1_000);
  await say('y'.repeat(100_001));
  const [hidden, lost, large] = await logged();
  expect([hidden.input.inputBodyJson, lost.input.inputBodyJson, large.input.inputBodyJson]).toEqual([
    ...[undefined, undefined, undefined],
  ]);
  expect([hidden.input.inputBodyS3Path, lost.input.inputBodyS3Path]).toEqual([undefined, undefined]);
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(large.input.inputBodyS3Path) ?? [];
  expect(Key).toMatch(
    /^calls\/AWSLogs\/\d{12}\/BedrockModelInvocationLogs\/us-east-1\/2026\/11\/22\/12\/data\/.*_input\.json\.gz$/,
  );
  const { Body } = await local.s3.send(new GetObjectCommand({ Bucket, Key }));
  const body = JSON.parse(gunzipSync(Buffer.from((await Body?.transformToByteArray()) ?? [])).toString());
  expect(body.messages[0].content[0].text).toHaveLength(100_001);
});

it('is read in pages, within a span, by whoever may read the group and nobody else', async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await mayWrite();
  await set();
  const begin = local.clock.time.getTime();
  for (const text of ['one', 'two', 'three']) {
    await say(text);
    local.pass(60_000);
  }
  const texts = (records: { input: { inputBodyJson: { messages: { content: { text: string }[] }[] } } }[]) =>
    records.map(({ input }) => input.inputBodyJson.messages[0]?.content[0]?.text);
  expect(texts(await logged({ startTime: begin + 60_000, endTime: begin + 60_000 }))).toEqual(['two']);
  const pages: number[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs, pageSize: 2 }, { logGroupName })) {
    pages.push(events.length);
  }
  expect(pages).toEqual([2, 1]);
  const question = new FilterLogEventsCommand({ logGroupName, filterPattern: 'one' });
  await expect(logs.send(question)).rejects.toThrow('filterPattern');
  const missing = new FilterLogEventsCommand({ logGroupName: '/other' });
  await expect(logs.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const group = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${logGroupName}`;
  const reader = (name: string, resource: string) => {
    const allow = { Version: '2012-10-17', Statement: [statement('Allow', 'logs:FilterLogEvents', resource)] };
    const credentials = local.aws.user(name, [allow]);
    return new CloudWatchLogsClient({ ...local.settings, credentials });
  };
  const all = new FilterLogEventsCommand({ logGroupName });
  expect((await reader('reader', `${group}:*`).send(all)).events).toHaveLength(3);
  await expect(reader('other', `${group}-other:*`).send(all)).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
