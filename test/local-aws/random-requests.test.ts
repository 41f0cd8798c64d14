import { BedrockAgentClient, CreatePromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { clientsFor } from './local-clients';
import { RandomRequests } from './random-requests';
import { sendSigned } from './signed-request';

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
  const { s3, ssm, settings } = clientsFor(aws, aws.operator);
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a/k', Body: '0123456789' }));
  await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
  await new BedrockAgentClient(settings).send(new CreatePromptCommand({ name: 'sorter' }));
});
afterAll(() => aws.stop());

describe('Whatever comes', () => {
  it('nothing ends in a 5xx but 501 by name, and each error has a code', async () => {
    const lacking = new Set<string>();
    const wrong: string[] = [];
    const codes = new Set<string>();
    for (let seed = 1; seed <= 12; seed += 1) {
      const requests = new RandomRequests(seed).round((service, operation) => !lacking.has(`${service} ${operation}`));
      for (const { name, operation, ...request } of requests) {
        const { status, body, code } = await sendSigned(aws, request);
        // Once is enough for what is not there.
        if (body.includes(`local-aws does not implement ${name} ${operation}<`) || body.includes(`${operation}"`)) {
          lacking.add(`${name} ${operation}`);
        }
        const isNamed = status < 400 || request.method === 'HEAD' || code !== undefined;
        if ((status >= 500 && status !== 501) || !isNamed) {
          wrong.push(`seed ${seed}: ${status} ${JSON.stringify(request)} ${body}`);
        }
        codes.add(code ?? '');
      }
    }
    expect(wrong).toEqual([]);
    for (const code of ['SerializationException', 'MalformedXML', 'MalformedInput', 'ValidationException']) {
      expect([...codes]).toContain(code);
    }
  });
});
