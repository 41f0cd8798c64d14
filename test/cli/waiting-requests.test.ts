import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsClients } from '../../cli/aws-clients';
import { Registry } from '../../cli/registry';
import type { RegistryStack } from '../../cli/registry-stack';
import { requestsField } from '../../cli/reviews/requests-field';
import { waitingRequests } from '../../cli/reviews/waiting-requests';
import { logicalId } from '../../core/contract/names';
import { reviewKey } from '../../core/ledger/layout';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { entriesOf, recordsOf, released } from '../core/history';

const [promptName, promptId] = ['financial-analysis', 'ABCDEFGHIJ'];
const PLAN = 'arn:aws:lambda:us-east-1:111122223333:function:Platform-Plan';
const GATE = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 1, expires: 3_600 };
const STACK = {
  stackName: 'Prompts-prod',
  stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts-prod/1',
  status: 'UPDATE_COMPLETE',
  parameterPrefix: '/prompts/prod',
  ledgerBucket: 'ledger',
  parameters: [],
  aliases: [{ promptName, aliasName: 'PROD', parameterId: 'P', sourceTarget: undefined, callableVersions: 2 }],
  resources: new Map([
    [
      logicalId('/prompts/prod', promptName, undefined, 'Prompt'),
      { type: 'AWS::Bedrock::Prompt', physicalId: promptId },
    ],
  ]),
  gating: { gates: JSON.stringify({ '*': [GATE] }), groups: ['authors', 'risk'] },
} as unknown as RegistryStack;

let aws: LocalAws;

/** PROD stands on version 2, for whose content somebody asked as a member of the authors. */
beforeAll(async () => {
  aws = await startLocalAws();
  const { s3, ssm } = clients();
  await s3.send(new CreateBucketCommand({ Bucket: 'ledger' }));
  const { digest } = released(2);
  const signer = 'AROAAUTH0000000000001:alice';
  const asked = reviewKey({ promptId, alias: 'PROD', digest, group: 'authors', signer, number: 1 });
  const objects = [...entriesOf(recordsOf([{ to: 1 }, { to: 2 }])), { key: asked, body: '{}' }];
  for (const { key, body } of objects)
    await s3.send(new PutObjectCommand({ Bucket: 'ledger', Key: key, Body: body, IfNoneMatch: '*' }));
  const Value = `arn:aws:bedrock:us-east-1:111122223333:prompt/${promptId}:2`;
  await ssm.send(new PutParameterCommand({ Name: `/prompts/prod/${promptName}/PROD`, Value, Type: 'String' }));
});
afterAll(() => aws?.stop());

function clients(credentials = aws.operator) {
  const settings = { endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 };
  return {
    bedrock: new BedrockAgentClient(settings),
    cloudFormation: new CloudFormationClient(settings),
    lambda: new LambdaClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    ssm: new SSMClient(settings),
  } as unknown as AwsClients;
}

const waiting = (stack: Partial<RegistryStack>, who = aws.operator) =>
  waitingRequests(new Registry(clients(who), { ...STACK, ...stack }), undefined, new Date());
const only = (Action: string) =>
  aws.user('somebody', [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }]);

describe('requests that wait', () => {
  it('are none for what the alias has: Bedrock is not asked', async () => {
    const from = aws.calls.length;
    expect(await waiting({})).toEqual({ requests: [], notes: [] });
    const services = aws.calls.slice(from).map(({ service, operation }) => `${service} ${operation}`);
    expect(services.filter((call) => call === 's3 ListObjectsV2').length).toBeGreaterThan(1);
    expect(services.filter((call) => call.startsWith('bedrock'))).toEqual([]);
  });

  it.each<[string, Partial<RegistryStack>, string]>([
    [
      'gates of a newer version',
      { gating: { gates: JSON.stringify({ '*': [{ ...GATE, quorum: 2 }] }), groups: ['authors'] } },
      'could not be read: expected askedBy, by, count, expires, gate in an approval gate',
    ],
    [
      'gates of an alias that are no JSON',
      { aliases: STACK.aliases.map((alias) => ({ ...alias, gates: '[' })) },
      'could not be read: expected JSON',
    ],
    [
      'gates in a function that is not there',
      { gating: undefined, planFunction: { arn: PLAN } },
      `could not be read: the gates of the registry that stack Prompts-prod joins are not known here: ${PLAN}, which plans its releases, is not there`,
    ],
    [
      'gates in a function that nobody names',
      { gating: undefined, planFunction: undefined },
      'could not be read: the gates of the registry that stack Prompts-prod joins are not known here: its template',
    ],
  ])('are not read, and that is said, with %s', async (_, stack, why) => {
    const found = await waiting(stack);
    expect(found).toEqual({ requests: [], notes: [expect.stringContaining(`requests for an approval ${why}`)] });
    expect(requestsField(found, () => true)).toEqual({ requests: null });
  });

  it.each(['s3:GetBucket*', 's3:*'])('are not read by who may only %s', async (action) => {
    const { notes } = await waiting({}, only(action));
    expect(notes).toEqual(['requests for an approval may not be read with these credentials']);
  });

  it('are an error where AWS fails', async () => {
    await expect(waiting({ ledgerBucket: 'nowhere' })).rejects.toThrow('bucket does not exist');
  });
});
