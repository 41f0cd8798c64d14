import { connect } from 'node:net';
import { BedrockAgentClient, CreatePromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { clientsFor } from './local-clients';
import { type RawRequest, sendSigned } from './signed-request';

let aws: LocalAws;
let clients: ReturnType<typeof clientsFor>;
const Bucket = 'bucket';

beforeAll(async () => {
  aws = await startLocalAws();
  clients = clientsFor(aws, aws.operator);
  await clients.s3.send(new CreateBucketCommand({ Bucket }));
  await clients.s3.send(new PutObjectCommand({ Bucket, Key: 'a/k', Body: '0123456789' }));
  await clients.ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
  await new BedrockAgentClient(clients.settings).send(new CreatePromptCommand({ name: 'sorter' }));
});
afterAll(() => aws.stop());

const notUtf8 = Buffer.from('{"Name":"\xff\xfe"}', 'latin1');
const rpc = (target: string, body: string | Buffer, more: Record<string, string> = {}): RawRequest => ({
  ...{ service: target.startsWith('AmazonSSM') ? 'ssm' : 'cloudtrail', body },
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, ...more },
});
const form = (service: string, body: string | Buffer): RawRequest => {
  return { service, body, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } };
};
const noStatement = encodeURIComponent('{"Version":"2012-10-17","Statement":[null]}');
const template = (body: string) =>
  form('cloudformation', `Action=CreateStack&StackName=a&TemplateBody=${encodeURIComponent(body)}`);
const json = (service: string, path: string, body: string | Buffer): RawRequest => {
  return { service, path, body, headers: { 'content-type': 'application/json' } };
};
const s3 = (method: string, path: string, more: Partial<RawRequest> = {}): RawRequest => {
  return { service: 's3', method, path, ...more };
};
const xml = (query: string, body: string | Buffer) => s3('PUT', `/${Bucket}`, { query: { [query]: '' }, body });

describe('is refused as AWS refuses it:', () => {
  const cases: [what: string, request: RawRequest, status: number, code: string][] = [
    ['SSM: no JSON', rpc('AmazonSSM.GetParameter', '<a/>'), 400, 'SerializationException'],
    ['SSM: JSON that was cut off', rpc('AmazonSSM.GetParameter', '{"Name":"/a'), 400, 'SerializationException'],
    ['SSM: JSON that is no object', rpc('AmazonSSM.GetParameter', '["/a"]'), 400, 'SerializationException'],
    ['SSM: not UTF-8', rpc('AmazonSSM.GetParameter', notUtf8), 400, 'SerializationException'],
    ['SSM: a number for a text', rpc('AmazonSSM.GetParameter', '{"Name":5}'), 400, 'SerializationException'],
    ['SSM: a text for a list', rpc('AmazonSSM.GetParameters', '{"Names":"/a"}'), 400, 'SerializationException'],
    ['SSM: null in a list', rpc('AmazonSSM.GetParameters', '{"Names":[null]}'), 400, 'SerializationException'],
    ['SSM: nesting without end', rpc('AmazonSSM.GetParameter', '{"a":'.repeat(99_999)), 400, 'SerializationException'],
    ['SSM: an empty body', rpc('AmazonSSM.GetParameter', ''), 400, 'ValidationException'],
    ['SSM: null for a required member', rpc('AmazonSSM.GetParameter', '{"Name":null}'), 400, 'ValidationException'],
    ['SSM: no target', rpc('AmazonSSM.', '{}'), 400, 'UnknownOperationException'],
    [
      'SSM: another content type',
      rpc('AmazonSSM.GetParameter', '{}', { 'content-type': 'text/plain' }),
      ...([400, 'UnknownOperationException'] as const),
    ],
    [
      'CloudTrail: a date that is none',
      rpc('CloudTrail_20131101.LookupEvents', '{"StartTime":"x"}'),
      ...([400, 'SerializationException'] as const),
    ],
    ...['sts', 'iam', 'cloudformation', 'sns'].flatMap((service): typeof cases => [
      [`${service}: an empty body`, form(service, ''), 400, 'MissingAction'],
      [`${service}: JSON`, form(service, '{"Action":"x"}'), 400, 'MissingAction'],
      [`${service}: not UTF-8`, form(service, Buffer.from([0xff, 0xfe])), 400, 'MissingAction'],
      [`${service}: no form`, { ...form(service, 'Action=x'), headers: {} }, 400, 'MissingAction'],
    ]),
    ['IAM: no name', form('iam', 'Action=GetRole'), 400, 'ValidationError'],
    ['IAM: a list for a text', form('iam', 'Action=GetRole&RoleName.member.1=a'), 400, 'MalformedInput'],
    [
      'CloudFormation: a text for a structure',
      form('cloudformation', 'Action=CreateStack&StackName=a&Parameters.member.1=x'),
      ...([400, 'MalformedInput'] as const),
    ],
    [
      'CloudFormation: a template at no address',
      form('cloudformation', 'Action=CreateStack&StackName=a&TemplateURL=x'),
      ...([400, 'ValidationError'] as const),
    ],
    [
      'IAM: a statement that is null',
      form('iam', `Action=CreateRole&RoleName=a&AssumeRolePolicyDocument=${noStatement}`),
      400,
      'MalformedPolicyDocument',
    ],
    ['CloudFormation: a template without end', template('Resources: &a\n  A: *a\n'), 400, 'ValidationError'],
    [
      'CloudFormation: a dependency on a number',
      template('{"Resources":{"A":{"Type":"AWS::SSM::Parameter","DependsOn":5}}}'),
      400,
      'ValidationError',
    ],
    [
      'CloudFormation: a type that all objects have',
      template('{"Resources":{"A":{"Type":"constructor"}}}'),
      501,
      'NotImplemented',
    ],
    ['Bedrock: no JSON', json('bedrock', '/prompts/', '<a/>'), 400, 'SerializationException'],
    ['Bedrock: a list for a text', json('bedrock', '/prompts/', '{"name":[]}'), 400, 'SerializationException'],
    ['Bedrock: not UTF-8', json('bedrock', '/prompts/', notUtf8), 400, 'SerializationException'],
    [
      'Bedrock: a number that is none',
      { service: 'bedrock', method: 'GET', path: '/prompts/', query: { maxResults: 'x' } },
      ...([400, 'SerializationException'] as const),
    ],
    ['Bedrock: half a percent sign', json('bedrock', '/prompts/%zz/', ''), 400, 'SerializationException'],
    [
      'Lambda: no JSON',
      json('lambda', '/2015-03-31/functions', '{"FunctionName"'),
      ...([400, 'InvalidRequestContentException'] as const),
    ],
    ['S3: no XML', xml('versioning', 'junk'), 400, 'MalformedXML'],
    ['S3: JSON', xml('versioning', '{"Status":"Enabled"}'), 400, 'MalformedXML'],
    ['S3: XML that was cut off', xml('tagging', '<Tagging><TagSet><Tag><Ke'), 400, 'MalformedXML'],
    ['S3: XML of another root', xml('versioning', '<Other><Status>Enabled</Status></Other>'), 400, 'MalformedXML'],
    ['S3: XML that is not UTF-8', xml('versioning', notUtf8), 400, 'MalformedXML'],
    ['S3: no body', xml('versioning', ''), 400, 'MissingRequestBodyError'],
    ['S3: a policy of numbers', xml('policy', '{"Version":"2012-10-17","Statement":[5]}'), 400, 'MalformedPolicy'],
    [
      'S3: a policy for a number',
      xml(
        'policy',
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":5}}',
      ),
      400,
      'MalformedPolicy',
    ],
    ['S3: junk for a new bucket', s3('PUT', '/other', { body: 'junk' }), 400, 'MalformedXML'],
    ['S3: junk for a batch of deletions', { ...xml('delete', 'junk'), method: 'POST' }, 400, 'MalformedXML'],
    ['S3: half a percent sign', s3('GET', `/${Bucket}/%zz`), 400, 'InvalidURI'],
    ['S3: a key that is not UTF-8', s3('GET', `/${Bucket}/%ff`), 400, 'InvalidURI'],
    ['S3: a page of x', s3('GET', `/${Bucket}`, { query: { 'max-keys': 'x' } }), 400, 'InvalidArgument'],
    [
      'S3: a foreign token',
      s3('GET', `/${Bucket}`, { query: { 'list-type': '2', 'continuation-token': 'x' } }),
      ...([400, 'InvalidArgument'] as const),
    ],
    [
      'S3: a date that is none',
      s3('PUT', `/${Bucket}/x`, { headers: { 'x-amz-object-lock-retain-until-date': 'x' } }),
      ...([400, 'InvalidArgument'] as const),
    ],
    [
      'S3: a range behind the end',
      s3('GET', `/${Bucket}/a/k`, { headers: { range: 'bytes=10-' } }),
      416,
      'InvalidRange',
    ],
  ];
  it.each(cases)('%s', async (_, request, status, code) => {
    const answer = await sendSigned(aws, request);
    expect([answer.status, answer.code], answer.body).toEqual([status, code]);
  });

  it('fields that would reach for the prototype of all objects', async () => {
    await sendSigned(aws, form('cloudformation', 'Action=CreateStack&StackName=a&__proto__.polluted=1'));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('a path that nobody signed', async () => {
    const answer = await fetch(`${aws.endpoint}/${Bucket}/%zz`);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('<Code>InvalidURI</Code>')]);
  });
});

describe('is served as AWS serves it:', () => {
  it('part of an object, from its beginning, its end, or up to more than there is', async () => {
    const part = async (range: string) => {
      const { status, headers, body } = await sendSigned(aws, s3('GET', `/${Bucket}/a/k`, { headers: { range } }));
      return [status, headers['content-range'], body];
    };
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await part('bytes=-2')).toEqual([206, 'bytes 8-9/10', '89']);
    expect(await part('bytes=5-99')).toEqual([206, 'bytes 5-9/10', '56789']);
    for (const none of ['bytes=x', 'bytes=5-2', 'lines=1-2', 'bytes=0-1,3-4']) {
      expect(await part(none)).toEqual([200, undefined, '0123456789']);
    }
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key: 'a/k', Range: 'bytes=0-0' }));
    expect(await Body?.transformToString()).toBe('0');
  });

  it('HEAD, with the length of what GET would give and no body', async () => {
    const { status, headers, body } = await sendSigned(aws, s3('HEAD', `/${Bucket}/a/k`));
    expect([status, headers['content-length'], body]).toEqual([200, '10', '']);
    expect((await sendSigned(aws, s3('HEAD', `/${Bucket}/none`))).status).toBe(404);
  });

  it('a bucket by path without query: its objects, not the list of buckets', async () => {
    expect((await sendSigned(aws, s3('GET', `/${Bucket}`))).body).toContain('<Key>a/k</Key>');
    expect((await sendSigned(aws, s3('GET', '/'))).body).toContain('<ListAllMyBucketsResult');
  });

  it.each(['localhost', 's3.amazonaws.com', 's3.us-east-1.amazonaws.com', 's3-us-west-2.amazonaws.com'])(
    'a bucket that stands before the host: %s',
    async (host) => {
      const headers = { host: `${Bucket}.${host}` };
      expect((await sendSigned(aws, s3('GET', '/a/k', { headers }))).body).toBe('0123456789');
      expect((await sendSigned(aws, s3('GET', '/', { headers }))).body).toContain('<Key>a/k</Key>');
    },
  );

  it('an upload that waits for 100-continue', async () => {
    const headers = { expect: '100-continue' };
    expect((await sendSigned(aws, s3('PUT', `/${Bucket}/waited`, { headers, body: 'came' }))).status).toBe(200);
    expect((await sendSigned(aws, s3('GET', `/${Bucket}/waited`))).body).toBe('came');
  });

  it('a Query request in a signed URL', async () => {
    const { status, body } = await sendSigned(aws, {
      ...{ service: 'sts', method: 'GET', query: { Action: 'GetCallerIdentity', Version: '2011-06-15' } },
    });
    expect([status, body]).toEqual([200, expect.stringContaining('<Arn>arn:aws:iam::')]);
  });

  it('the next one, after a client that hung up in the middle of its body', async () => {
    const { port } = new URL(aws.endpoint);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`PUT /${Bucket}/cut HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf`, () => {
          socket.destroy();
          resolve();
        });
      });
    });
    expect((await sendSigned(aws, s3('GET', `/${Bucket}/a/k`))).status).toBe(200);
  });
});
