import { once } from 'node:events';
import { connect } from 'node:net';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
  GetRouteCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { AddPermissionCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiGateway } from '../../packages/local-aws/apigateway/apigateway';
import { FunctionIntegration } from '../../packages/local-aws/apigateway/function-integration';
import { HttpApis } from '../../packages/local-aws/apigateway/http-apis';
import { Authorizer } from '../../packages/local-aws/iam/authorizer';
import { ACCOUNT, type Served, serve } from './serve';
import { ARN, type ServedLambda, serveLambda } from './serve-lambda';

/** Answers what it got; `slow` waits, `fail` throws. */
const ECHO = `exports.handler = async (event) => {
  if (event.rawPath.endsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 300));
  if (event.rawPath.endsWith('fail')) throw new Error('no');
  if (event.rawPath.endsWith('plain')) return { hello: 1 };
  if (event.rawPath.endsWith('split')) return { statusCode: 200, headers: { 'x-own': 'a\\nb' }, body: '' };
  const { rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext: { http, stage } } = event;
  return { statusCode: 207, headers: { 'x-own': 'y' }, cookies: ['a=b'], body: JSON.stringify({ rawPath, rawQueryString, own: headers['x-own'], body, isBase64Encoded, method: http.method, stage }) };
};`;

let lambda: ServedLambda;
let served: Served;
let apis: HttpApis;
let client: ApiGatewayV2Client;
let address: string;
let ApiId: string;
let decodesPaths = false;

beforeAll(async () => {
  lambda = await serveLambda();
  await lambda.create(ECHO);
  await lambda.client.send(
    new AddPermissionCommand({
      FunctionName: 'worker',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:*/*/*/v2/{proxy+}`,
    }),
  );
});
afterAll(() => lambda.stop());
beforeEach(async () => {
  apis = new HttpApis();
  const authorizer = new Authorizer({ policiesInForce: () => [] });
  const { functions } = lambda;
  const integration = new FunctionIntegration({
    account: ACCOUNT,
    functions,
    authorizer,
    now: () => new Date(),
    decodesPaths,
  });
  served = await serve(() => [apiGateway(apis, integration)]);
  client = new ApiGatewayV2Client(served.administrator);
  const made = await client.send(new CreateApiCommand({ Name: 'x', ProtocolType: 'HTTP' }));
  address = String(made.ApiEndpoint);
  ApiId = String(made.ApiId);
  const { IntegrationId } = await client.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: ARN,
      PayloadFormatVersion: '2.0',
    }),
  );
  for (const RouteKey of ['ANY /v2/{proxy+}', 'GET /not-permitted'])
    await client.send(
      new CreateRouteCommand({ ApiId, RouteKey, Target: `integrations/${IntegrationId}`, AuthorizationType: 'NONE' }),
    );
  await client.send(new CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
});
afterEach(async () => {
  await apis.stop();
  await served.stop();
  decodesPaths = false;
});

const ask = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${address}${path}`, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
};

describe('an HTTP API', () => {
  it('hands requests to its function and gives back what that says', async () => {
    const { status, headers, body } = await ask('/v2/a%2Fb?x=1&x=%202', {
      method: 'PATCH',
      headers: { 'X-Own': 'z', 'content-type': 'application/json' },
      body: '{"c":1}',
    });
    expect({ status, own: headers.get('x-own'), cookie: headers.get('set-cookie') }).toEqual({
      status: 207,
      own: 'y',
      cookie: 'a=b',
    });
    expect(body).toEqual({
      rawPath: '/v2/a%2Fb',
      rawQueryString: 'x=1&x=%202',
      own: 'z',
      body: '{"c":1}',
      isBase64Encoded: false,
      method: 'PATCH',
      stage: '$default',
    });
    const binary = await ask('/v2/a', {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from([1, 255]),
    });
    expect(binary.body).toMatchObject({ body: 'Af8=', isBase64Encoded: true });
    expect(await ask('/v2/plain')).toMatchObject({ status: 200, body: { hello: 1 } });
  });

  it('answers as API Gateway where there is no route, no permission or no answer', async () => {
    expect(await ask('/v1/a')).toMatchObject({ status: 404, body: { message: 'Not Found' } });
    expect(await ask('/not-permitted')).toMatchObject({ status: 500, body: { message: 'Internal Server Error' } });
    expect(await ask('/v2/fail')).toMatchObject({ status: 500, body: { message: 'Internal Server Error' } });
  });

  it('goes on where a client hung up, or where what its function says is no HTTP', async () => {
    const lost: unknown[] = [];
    const lose = (error: unknown) => void lost.push(error);
    process.on('unhandledRejection', lose);
    const said = vi.spyOn(console, 'error').mockReturnValue();
    try {
      const client = connect(Number(new URL(address).port), '127.0.0.1');
      client.write('POST /v2/a HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc', () => client.destroy());
      await once(client, 'close');
      expect(await ask('/v2/split')).toMatchObject({ status: 500, body: { message: 'Internal Server Error' } });
      expect(said).toHaveBeenCalledOnce();
      expect((await ask('/v2/a')).status).toBe(207);
      expect(lost).toEqual([]);
    } finally {
      process.off('unhandledRejection', lose);
      said.mockRestore();
    }
  });

  it('keeps to the limits of its stage and of its function', async () => {
    await lambda.client.send(
      new PutFunctionConcurrencyCommand({ FunctionName: 'worker', ReservedConcurrentExecutions: 1 }),
    );
    const both = await Promise.all([ask('/v2/slow'), ask('/v2/slow')]);
    expect(both.map(({ status }) => status).sort()).toEqual([207, 503]);
    await client.send(
      new UpdateStageCommand({
        ApiId,
        StageName: '$default',
        DefaultRouteSettings: { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 0.001 },
      }),
    );
    expect([(await ask('/v2/a')).status, (await ask('/v2/a')).status]).toEqual([207, 429]);
    await lambda.client.send(
      new PutFunctionConcurrencyCommand({ FunctionName: 'worker', ReservedConcurrentExecutions: 100 }),
    );
  });

  it('has stages with a name of their own, and ends', async () => {
    await client.send(new CreateStageCommand({ ApiId, StageName: 'prod', AutoDeploy: true }));
    expect((await ask('/prod/v2/a')).body).toMatchObject({ rawPath: '/prod/v2/a', stage: 'prod' });
    await client.send(new DeleteApiCommand({ ApiId }));
    await expect(ask('/v2/a')).rejects.toThrow();
    await expect(client.send(new DeleteApiCommand({ ApiId }))).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it('is changed by those who may', async () => {
    const reader = new ApiGatewayV2Client(served.as([{ Effect: 'Allow', Action: 'apigateway:GET', Resource: '*' }]));
    await expect(reader.send(new GetRouteCommand({ ApiId, RouteId: 'x' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    await expect(reader.send(new DeleteApiCommand({ ApiId }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
