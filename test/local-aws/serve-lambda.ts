import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { AwsError } from '../../packages/local-aws/aws-error';
import { lambda } from '../../packages/local-aws/lambda/lambda';
import { LambdaEvents } from '../../packages/local-aws/lambda/lambda-events';
import { LambdaFunctions } from '../../packages/local-aws/lambda/lambda-functions';
import { s3 } from '../../packages/local-aws/s3/s3';
import { ServiceSessions } from '../../packages/local-aws/sts/service-sessions';
import { sts } from '../../packages/local-aws/sts/sts';
import { ACCOUNT, type Served, serve } from './serve';

export const ROLE = `arn:aws:iam::${ACCOUNT}:role/runner`;
export const ARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:worker`;

const trusts: Record<string, string> = { runner: 'lambda.amazonaws.com', other: 'ec2.amazonaws.com' };
const roles = {
  identity: (name: string) => ({ id: `AROA${name}`, arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  trustPolicy: (name: string) => {
    const Service = trusts[name];
    if (!Service) {
      throw new AwsError('NoSuchEntity', 404, name);
    }
    return { Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] };
  },
};

/** Lambda, with S3 and STS beside it; events are tried again at once. */
export async function serveLambda() {
  const scratch = mkdtempSync(join(tmpdir(), 'lambda-test-'));
  let made: { functions: LambdaFunctions; events: LambdaEvents } | undefined;
  const served: Served = await serve((credentials) => {
    const logDirectory = join(scratch, 'logs');
    const now = () => served.clock.time;
    const sessions = new ServiceSessions({ account: ACCOUNT, region: 'us-east-1', credentials, roles, now });
    const functions = new LambdaFunctions({ sessions, now, logDirectory });
    const events = new LambdaEvents(functions, { retryDelaysMs: [1, 1] });
    made = { functions, events };
    return [lambda(functions, events, credentials, roles), s3(), sts(credentials, roles)];
  });
  const { functions, events } = made as NonNullable<typeof made>;
  const client = new LambdaClient(served.administrator);
  const create = (source: string, more: Partial<CreateFunctionCommandInput> = {}, as = client) =>
    as.send(
      new CreateFunctionCommand({
        ...{ FunctionName: 'worker', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: ROLE },
        ...{ Code: { ZipFile: zip(source) }, ...more },
      }),
    );
  const stop = async () => {
    events.stop();
    await functions.stop();
    await served.stop();
    rmSync(scratch, { recursive: true });
  };
  return { ...served, functions, events, scratch, client, create, stop };
}

export type ServedLambda = Awaited<ReturnType<typeof serveLambda>>;

export function zip(source: string, name = 'index.js'): Uint8Array {
  return zipSync({ [name]: strToU8(source) });
}
