import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { BedrockAgentClient, CreatePromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';

const Bucket = 'signed';
let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
  await new S3Client(settings()).send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.stop());

type Change = (request: { headers: Record<string, string>; body: unknown; path: string }) => void;

function settings(more: object = {}) {
  const { endpoint, region, operator: credentials } = aws;
  return { endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true, ...more };
}

/** One call of each protocol, by clients whose settings, or requests after they were signed, are changed. */
function calls(more: object = {}, change: Change = () => {}) {
  const prepared = <C extends { config: object; middlewareStack: unknown }>(client: C): C => {
    const { systemClockOffset = 0 } = more as { systemClockOffset?: number };
    Object.assign(client.config, { systemClockOffset });
    const stack = client.middlewareStack as { addRelativeTo(middleware: unknown, options: object): void };
    const middleware = (next: (args: unknown) => unknown) => (args: { request: Parameters<Change>[0] }) => {
      change(args.request);
      return next(args);
    };
    stack.addRelativeTo(middleware, { relation: 'after', toMiddleware: 'httpSigningMiddleware' });
    return client;
  };
  const put = new PutObjectCommand({ Bucket, Key: 'a b/ü+(1)~', Body: 'text' });
  const sent: Record<string, Promise<unknown>> = {
    s3: prepared(new S3Client(settings(more))).send(put),
    sts: prepared(new STSClient(settings(more))).send(new GetCallerIdentityCommand()),
    iam: prepared(new IAMClient(settings(more))).send(new ListRolePoliciesCommand({ RoleName: 'none' })),
    cloudformation: prepared(new CloudFormationClient(settings(more))).send(new DescribeStacksCommand()),
    ssm: prepared(new SSMClient(settings(more))).send(
      new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String', Overwrite: true }),
    ),
    lambda: prepared(new LambdaClient(settings(more))).send(new ListFunctionsCommand({ MaxItems: 3 })),
    bedrock: prepared(new BedrockAgentClient(settings(more))).send(
      new CreatePromptCommand({ name: `p-${Math.random().toString(36).slice(2)}` }),
    ),
  };
  // Not every test looks at every answer.
  for (const promise of Object.values(sent)) promise.catch(() => {});
  return sent as Record<'s3' | 'sts' | 'iam' | 'cloudformation' | 'ssm' | 'lambda' | 'bedrock', Promise<unknown>>;
}

async function answers(sent: Record<string, Promise<unknown>>): Promise<Record<string, string>> {
  const ended = Object.entries(sent).map(async ([name, promise]) => {
    const answer = await promise.then(
      () => 'served',
      (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
        `${error.name} ${error.$metadata?.httpStatusCode}`,
    );
    return [name, answer] as const;
  });
  return Object.fromEntries(await Promise.all(ended));
}

const inAll = (s3: string, query: string, json: string) => ({
  s3,
  ...{ sts: `${query} 403`, iam: `${query} 403`, cloudformation: `${query} 403` },
  ...{ ssm: `${json} 403`, lambda: `${json} 403`, bedrock: `${json} 403` },
});
const mismatch = inAll('SignatureDoesNotMatch 403', 'SignatureDoesNotMatch', 'InvalidSignatureException');

describe('is refused as AWS refuses it, whatever the protocol:', () => {
  it('nothing that is as it was signed', async () => {
    const served = inAll('served', 'served', 'served');
    const all = Object.fromEntries(Object.keys(served).map((name) => [name, 'served']));
    expect(await answers(calls())).toEqual({ ...all, iam: 'NoSuchEntityException 404' });
  });

  it('a wrong secret key', async () => {
    const credentials = { ...aws.operator, secretAccessKey: 'another' };
    expect(await answers(calls({ credentials: async () => credentials }))).toEqual(mismatch);
  });

  it('an unknown access key', async () => {
    const credentials = async () => ({ ...aws.operator, accessKeyId: 'AKIAUNKNOWN' });
    expect(await answers(calls({ credentials }))).toEqual(
      inAll('InvalidAccessKeyId 403', 'InvalidClientTokenId', 'UnrecognizedClientException'),
    );
  });

  it('a session token that the key was not given', async () => {
    const credentials = async () => ({ ...aws.operator, sessionToken: 'foreign' });
    expect(await answers(calls({ credentials }))).toEqual(
      inAll('InvalidToken 400', 'InvalidClientTokenId', 'UnrecognizedClientException'),
    );
  });

  it('a path, a query or a header that was changed', async () => {
    const changed = await answers(
      calls({}, (request) => {
        request.headers['x-amz-user-agent'] = 'somebody else';
        request.headers['content-type'] = 'text/changed';
      }),
    );
    expect(changed).toMatchObject({ s3: 'SignatureDoesNotMatch 403', lambda: 'InvalidSignatureException 403' });
    const { s3 } = calls({}, (request) => {
      request.path = request.path.replace('a', 'b');
    });
    expect(await answers({ s3 })).toEqual({ s3: 'SignatureDoesNotMatch 403' });
  });

  it('a body that was changed', async () => {
    const { s3, ssm, cloudformation, bedrock } = calls({}, (request) => {
      if (request.body) {
        request.body = String(request.body).replace(/[a-z](?=[^a-z]*$)/, 'Z');
      }
    });
    expect(await answers({ s3, ssm, cloudformation, bedrock })).toEqual({
      s3: 'XAmzContentSHA256Mismatch 400',
      ssm: 'InvalidSignatureException 403',
      cloudformation: 'SignatureDoesNotMatch 403',
      bedrock: 'InvalidSignatureException 403',
    });
  });

  it('a request without signature', async () => {
    const unsigned = calls({}, ({ headers }) => {
      delete headers.authorization;
    });
    const json = 'MissingAuthenticationTokenException';
    expect(await answers(unsigned)).toEqual(inAll('AccessDenied 403', 'MissingAuthenticationToken', json));
  });

  it('a date of twenty minutes ago, or to come', async () => {
    const skewed = { ...mismatch, s3: 'RequestTimeTooSkewed 403' };
    expect(await answers(calls({ systemClockOffset: -1_200_000 }))).toEqual(skewed);
    expect(await answers(calls({ systemClockOffset: 1_200_000 }))).toEqual(skewed);
  });

  it('a scope of another Region', async () => {
    const { sts: _, iam: __, ...regional } = mismatch;
    const { sts: ___, iam: ____, ...sent } = calls({ region: 'eu-west-1' });
    expect(await answers(sent)).toEqual({ ...regional, s3: 'AuthorizationHeaderMalformed 400' });
  });
});

it('an SDK that tries again finds out how far its clock is off', async () => {
  const client = new SSMClient(settings({ maxAttempts: 2 }));
  Object.assign(client.config, { systemClockOffset: -86_400_000 });

  await client.send(new PutParameterCommand({ Name: '/late', Value: 'x', Type: 'String' }));
});

it('CloudTrail does not know of a caller who could not sign', async () => {
  const credentials = { ...aws.operator, secretAccessKey: 'another' };
  await new STSClient(settings({ credentials })).send(new GetCallerIdentityCommand()).catch(() => {});

  expect(aws.calls.at(-1)).toMatchObject({ operation: 'GetCallerIdentity', errorCode: 'SignatureDoesNotMatch' });
  const refused = aws.history.entries.filter(({ record }) => /Signature/.test(String(record.errorCode)));
  expect(refused).toEqual([]);
});

const signer = () =>
  new SignatureV4({
    ...{ service: 's3', region: aws.region, credentials: aws.operator, uriEscapePath: false },
    sha256: Hash.bind(null, 'sha256') as never,
  });

describe('a presigned URL', () => {
  const presign = async (method: string, options: object = {}) => {
    const { hostname, port, host } = new URL(aws.endpoint);
    const request = {
      method,
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: `/${Bucket}/presigned`,
      query: {},
    };
    const headers = { host };
    const { path, query } = await signer().presign(
      { ...request, headers: { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
      { expiresIn: 60, unhoistableHeaders: new Set(), ...options },
    );
    return `${aws.endpoint}${path}?${new URLSearchParams(query as Record<string, string>)}`.replaceAll('+', '%20');
  };

  it('is good for whom it was made for, as long as it says', async () => {
    expect((await fetch(await presign('PUT'), { method: 'PUT', body: 'by URL' })).status).toBe(200);
    expect(await (await fetch(await presign('GET'))).text()).toBe('by URL');
    const old = await fetch(await presign('GET', { signingDate: new Date(Date.now() - 61_000) }));
    expect([old.status, await old.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });

  it('is good for nothing else', async () => {
    const url = await presign('GET');
    for (const other of [url.replace('/presigned', '/other'), url.replace('Expires=60', 'Expires=600')]) {
      const answer = await fetch(other);
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    }
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });
});

describe('an upload in chunks', () => {
  const client = () => new S3Client(settings());
  const read = async (Key: string) => {
    const { Body } = await client().send(new GetObjectCommand({ Bucket, Key }));
    return Body?.transformToString();
  };

  it('of a stream, whose checksum comes behind it', async () => {
    const Body = Readable.from([Buffer.from('one '), Buffer.from('two')]);
    await client().send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 7 }));

    expect(await read('stream')).toBe('one two');
  });

  it('is signed chunk by chunk', async () => {
    const empty = createHash('sha256').update('').digest('hex');
    const send = async (sent: (text: string) => string, texts = ['first ', 'second', '']) => {
      const signingDate = new Date(Math.floor(Date.now() / 1000) * 1000);
      const { host } = new URL(aws.endpoint);
      const request = await signer().sign(
        {
          ...{ method: 'PUT', protocol: 'http:', hostname: '127.0.0.1', path: `/${Bucket}/chunks`, query: {} },
          headers: { host, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
        },
        { signingDate },
      );
      const { authorization = '', 'x-amz-date': date = '' } = request.headers;
      const scope = `${date.slice(0, 8)}/${aws.region}/s3/aws4_request`;
      let before = /Signature=(\w+)/.exec(authorization)?.[1] ?? '';
      let body = '';
      for (const text of texts) {
        const hash = createHash('sha256').update(text).digest('hex');
        const toSign = ['AWS4-HMAC-SHA256-PAYLOAD', date, scope, before, empty, hash].join('\n');
        before = await signer().sign(toSign, { signingDate });
        body += `${text.length.toString(16)};chunk-signature=${before}\r\n${sent(text)}\r\n`;
      }
      const { host: _, ...headers } = request.headers;
      return (await fetch(`${aws.endpoint}/${Bucket}/chunks`, { method: 'PUT', headers, body })).status;
    };

    expect(await send((text) => text)).toBe(200);
    expect(await read('chunks')).toBe('first second');
    expect(await send((text) => text.replace('second', 'other!'))).toBe(403);
    expect(await send((text) => text, ['cut off'])).toBe(400);
    expect(await read('chunks')).toBe('first second');
  });
});
