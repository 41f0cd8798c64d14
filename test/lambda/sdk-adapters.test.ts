import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BedrockAgentPrompts } from '../../lambda/bedrock-agent-prompts';
import { BedrockInferenceProfiles } from '../../lambda/inference-profiles';
import { S3ObjectStore } from '../../lambda/s3-object-store';
import { CloudFormationStackOperation } from '../../lambda/stack-operation';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}
const failed = (status: number, type: string): Answer => ({
  status,
  body: JSON.stringify({ message: type }),
  headers: { 'x-amzn-errortype': type },
});
const s3Failed = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code><Message>m</Message></Error>`,
});
const ok = (body: unknown): Answer => ({ status: 200, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('the real SDK clients, against what AWS sends over HTTP', () => {
  let server: Server;
  let asked: { method: string; url: string; headers: IncomingMessage['headers'] }[];
  let answers: Answer[];
  const slept: number[] = [];

  beforeEach(async () => {
    asked = [];
    answers = [];
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
        const { status, body, headers } = answers.shift() ?? { status: 500, body: '' };
        response.writeHead(status, headers).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const client = () => ({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  const bucket = () =>
    new S3ObjectStore(new S3Client({ ...client(), forcePathStyle: true }), 'ledger', {
      now: () => 0,
      sleep: async (time) => void slept.push(time),
    });

  test('a put is conditional; 412 means taken, 409 is sent again', async () => {
    answers = [ok(''), s3Failed(412, 'PreconditionFailed'), s3Failed(409, 'ConditionalRequestConflict'), ok('')];

    expect(await bucket().putIfAbsent('versions/P/1-pd1:0.json', '{}')).toBe('written');
    expect(await bucket().putIfAbsent('k', '{}')).toBe('taken');
    expect(await bucket().putIfAbsent('k', '{}')).toBe('written');
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual(['*', '*', '*', '*']);
  });

  test('a put that is denied stays denied', async () => {
    answers = [s3Failed(403, 'AccessDenied')];

    await expect(bucket().putIfAbsent('k', '{}')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('a missing object is undefined, keys and folders come as they are', async () => {
    answers = [
      s3Failed(404, 'NoSuchKey'),
      ok('<ListBucketResult><Contents><Key>ledger/P/PROD/1.json</Key></Contents></ListBucketResult>'),
      ok(
        '<ListBucketResult><NextContinuationToken>t</NextContinuationToken><CommonPrefixes><Prefix>ledger/P/PROD/</Prefix></CommonPrefixes></ListBucketResult>',
      ),
      ok('<ListBucketResult><CommonPrefixes><Prefix>ledger/P/STAGING/</Prefix></CommonPrefixes></ListBucketResult>'),
      ok('<ListBucketResult></ListBucketResult>'),
    ];

    expect(await bucket().read('k')).toBeUndefined();
    expect(await bucket().list('ledger/P/PROD/', 20, 'x')).toEqual(['ledger/P/PROD/1.json']);
    expect(await bucket().folders('ledger/P/')).toEqual(['PROD', 'STAGING']);
    expect(await bucket().list('ledger/Q/', 20)).toEqual([]);
    expect(asked[1]?.url).toContain('max-keys=20');
    expect(asked[1]?.url).toContain('start-after=x');
  });

  test('versions are listed page by page, ten at a time, without the draft, lowest first', async () => {
    const summary = (version: string, description?: string) => ({
      version,
      description,
      id: 'P',
      name: 'n',
      arn: 'a',
      createdAt: '2026-11-22T00:00:00Z',
      updatedAt: '2026-11-22T00:00:00Z',
    });
    answers = [
      ok({ promptSummaries: [summary('DRAFT'), summary('10', 'ten')], nextToken: 't' }),
      ok({ promptSummaries: [summary('9')] }),
    ];

    expect(await new BedrockAgentPrompts(new BedrockAgentClient(client())).versions('P')).toEqual([
      { version: 9, description: '' },
      { version: 10, description: 'ten' },
    ]);
    expect(asked[0]?.url).toContain('maxResults=10');
    expect(asked[1]?.url).toContain('nextToken=t');
  });

  test('a prompt or version that does not exist is undefined, and deleting it is done', async () => {
    const prompts = new BedrockAgentPrompts(new BedrockAgentClient(client()));
    answers = Array(3).fill(failed(404, 'ResourceNotFoundException'));

    expect(await prompts.versions('P')).toBeUndefined();
    expect(await prompts.read('P', 3)).toBeUndefined();
    await prompts.deleteVersion('P', 3);
    expect(asked.map(({ url }) => url).slice(1)).toEqual([
      '/prompts/P/?promptVersion=3',
      '/prompts/P/?promptVersion=3',
    ]);
  });

  test('the whole prompt is never deleted', async () => {
    const prompts = new BedrockAgentPrompts(new BedrockAgentClient(client()));

    for (const version of [0, Number.NaN, -1])
      await expect(prompts.deleteVersion('P', version)).rejects.toThrow('version number');
    expect(asked).toEqual([]);
  });

  test('an id that is no inference profile is undefined, whether unknown or malformed', async () => {
    const profiles = new BedrockInferenceProfiles(new BedrockClient(client()));
    answers = [
      failed(404, 'ResourceNotFoundException'),
      failed(400, 'ValidationException'),
      ok({
        inferenceProfileArn: 'arn',
        inferenceProfileId: 'us.m',
        inferenceProfileName: 'n',
        status: 'ACTIVE',
        type: 'SYSTEM_DEFINED',
        models: [{ modelArn: 'a/b' }],
      }),
    ];

    expect(await profiles.find('deepseek.v3.2')).toBeUndefined();
    expect(await profiles.find('x')).toBeUndefined();
    expect(await profiles.find('us.m')).toEqual({ arn: 'arn', id: 'us.m', modelArns: ['a/b'] });
  });

  test('the stack says its status and the token of the operation that runs', async () => {
    const stack = new CloudFormationStackOperation(new CloudFormationClient(client()));
    const xml = (action: string, inner: string) =>
      ok(`<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`);
    const events =
      '<StackEvents><member><ClientRequestToken>t2</ClientRequestToken></member><member><ClientRequestToken>t1</ClientRequestToken></member></StackEvents>';
    answers = [
      xml(
        'DescribeStacks',
        '<Stacks><member><StackName>s</StackName><StackStatus>UPDATE_ROLLBACK_IN_PROGRESS</StackStatus></member></Stacks>',
      ),
      xml('DescribeStackEvents', events),
      xml('DescribeStackEvents', '<StackEvents><member><StackName>s</StackName></member></StackEvents>'),
    ];

    expect(await stack.status('s')).toBe('UPDATE_ROLLBACK_IN_PROGRESS');
    expect(await stack.operation('s')).toBe('t2');
    expect(await stack.operation('s')).toBeNull();
  });

  test('the stack says what its operation wants of a resource, and nothing of an earlier operation', async () => {
    const stack = new CloudFormationStackOperation(new CloudFormationClient(client()));
    const member = (id: string, status: string, token: string, more = '') =>
      `<member><StackId>s</StackId><PhysicalResourceId>${id}</PhysicalResourceId><LogicalResourceId>${id}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus><ClientRequestToken>${token}</ClientRequestToken>${more}</member>`;
    const page = (members: string, next = '') =>
      ok(
        `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>${members}</StackEvents>${next}</DescribeStackEventsResult></DescribeStackEventsResponse>`,
      );
    const wanted = member(
      'Reason',
      'UPDATE_IN_PROGRESS',
      't2',
      '<ResourceProperties>{"Reason":"why"}</ResourceProperties>',
    );
    const others = member('Other', 'UPDATE_IN_PROGRESS', 't2') + member('Other', 'UPDATE_COMPLETE', 't2');

    answers = [page(others, '<NextToken>n</NextToken>'), page(wanted)];
    expect(await stack.wanted('s', 'Reason')).toEqual({
      status: 'UPDATE_IN_PROGRESS',
      operation: 't2',
      properties: { Reason: 'why' },
    });
    answers = [page(member('Reason', 'CREATE_IN_PROGRESS', 't2'))];
    expect(await stack.wanted('s', 'Reason')).toEqual({
      status: 'CREATE_IN_PROGRESS',
      operation: 't2',
      properties: undefined,
    });
    answers = [page(others + member('s', 'UPDATE_IN_PROGRESS', 't3') + wanted, '<NextToken>n</NextToken>')];
    expect(await stack.wanted('s', 'Reason')).toBeUndefined();
    answers = [page('')];
    expect(await stack.wanted('s', 'Reason')).toBeUndefined();
    for (const done of ['UPDATE_COMPLETE', 'UPDATE_FAILED', 'CREATE_FAILED', 'DELETE_SKIPPED']) {
      answers = [page(member('Reason', done, 't2') + wanted)];
      expect(await stack.wanted('s', 'Reason')).toBeUndefined();
    }
    answers = [page(member('s', 'UPDATE_COMPLETE', 't2') + wanted)];
    expect(await stack.wanted('s', 'Reason')).toBeUndefined();
  });

  test('the stack is read to the page that says something', async () => {
    const stack = new CloudFormationStackOperation(new CloudFormationClient(client()));
    const answer = (operation: string, list: string, content: string, next = '') =>
      ok(
        `<${operation}Response><${operation}Result><${list}>${content}</${list}>${next}</${operation}Result></${operation}Response>`,
      );
    const next = '<NextToken>n</NextToken>';
    const newest = '<member><ClientRequestToken>deploy-7</ClientRequestToken></member>';
    answers = [
      answer('DescribeStackEvents', 'StackEvents', '', next),
      answer('DescribeStackEvents', 'StackEvents', newest),
    ];
    expect(await stack.operation('s')).toBe('deploy-7');
    const described = '<member><StackStatus>UPDATE_IN_PROGRESS</StackStatus></member>';
    answers = [answer('DescribeStacks', 'Stacks', '', next), answer('DescribeStacks', 'Stacks', described)];
    expect(await stack.status('s')).toBe('UPDATE_IN_PROGRESS');
  });

  test('the stack says how long ago the policies before a resource were changed', async () => {
    const stack = new CloudFormationStackOperation(new CloudFormationClient(client()));
    const member = (id: string, status: string, second: number, type = 'Custom::PromptAlias') =>
      `<member><LogicalResourceId>${id}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus><ResourceType>${type}</ResourceType><Timestamp>2026-11-22T00:00:${second}Z</Timestamp></member>`;
    const policy = (second: number) => member('Policy', 'UPDATE_COMPLETE', second, 'AWS::IAM::ManagedPolicy');
    const page = (members: string, next = '') =>
      ok(
        `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>${members}</StackEvents>${next}</DescribeStackEventsResult></DescribeStackEventsResponse>`,
      );
    const since = (...pages: string[]) => {
      answers = pages.map((members, index) =>
        page(members, index < pages.length - 1 ? '<NextToken>n</NextToken>' : ''),
      );
      return stack.sincePolicies('s', 'Alias', 15_000);
    };
    const own = member('Alias', 'UPDATE_IN_PROGRESS', 40);

    expect(await since(own + policy(38))).toBe(2_000);
    expect(await since(member('Other', 'UPDATE_COMPLETE', 45) + own, policy(38))).toBe(7_000);
    // Another alias's policy, which this one does not wait for.
    expect(await since(policy(44) + own + policy(38))).toBe(6_000);
    expect(await since(own + member('Other', 'UPDATE_COMPLETE', 20))).toBe(15_000);
    // Its beginning does not show yet, so neither may a policy.
    expect(await since(member('Other', 'UPDATE_COMPLETE', 45) + policy(20))).toBe(0);
    expect(await since(own)).toBe(0);
  });

  test('the stack says when its operation began: its update, or its creation', async () => {
    const stack = new CloudFormationStackOperation(new CloudFormationClient(client()));
    const described = (more: string) =>
      ok(
        `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>s</StackName><CreationTime>2026-11-22T00:00:00Z</CreationTime>${more}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
    answers = [described(''), described('<LastUpdatedTime>2026-11-23T00:00:00Z</LastUpdatedTime>')];

    expect(await stack.operationTime('s')).toBe('time:2026-11-22T00:00:00.000Z');
    expect(await stack.operationTime('s')).toBe('time:2026-11-23T00:00:00.000Z');
  });
});
