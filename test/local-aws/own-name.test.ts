import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientsFor, policy, startWithClock, statement, trustAccount } from './local-clients';

const Bucket = 'reviews-bucket';
const deny = (Sid: string, more: object) => ({ Sid, Effect: 'Deny', Principal: '*', Action: 's3:PutObject', ...more });
const OWN_NAME = deny('EveryoneSignsTheirOwnName', {
  NotResource: `arn:aws:s3:::${Bucket}/reviews/*/\${aws:userid}/????????.json`,
});
const IN_HEADER = deny('NoBorrowedSignature', {
  Resource: `arn:aws:s3:::${Bucket}/reviews/*`,
  Condition: { StringNotEquals: { 's3:authType': 'REST-HEADER' } },
});

let local: Awaited<ReturnType<typeof startWithClock>>;
let alice: Awaited<ReturnType<typeof session>>;

beforeEach(async () => {
  local = await startWithClock();
  await local.s3.send(new CreateBucketCommand({ Bucket }));
  const Policy = policy(OWN_NAME, IN_HEADER);
  await local.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await local.iam.send(new CreateRoleCommand({ RoleName: 'risk', AssumeRolePolicyDocument: trustAccount }));
  const everything = policy(statement('Allow', '*', '*'));
  await local.iam.send(new PutRolePolicyCommand({ RoleName: 'risk', PolicyName: 'all', PolicyDocument: everything }));
  alice = await session('alice@bank.example');
});
afterEach(() => local.aws.stop());

async function session(RoleSessionName: string) {
  const RoleArn = `arn:aws:iam::${local.aws.account}:role/risk`;
  const { Credentials } = await local.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const clients = clientsFor(local.aws, credentials);
  const { UserId = '' } = await clients.sts.send(new GetCallerIdentityCommand({}));
  return { ...clients, credentials, UserId };
}

const put = (who: { s3: typeof local.s3 }, Key: string) =>
  who.s3.send(new PutObjectCommand({ Bucket, Key, Body: '{}' }));

it('a session signs under its own name, and an administrator under nobody’s', async () => {
  const bob = await session('bob');
  expect(alice.UserId).toMatch(/^AROA[A-Z0-9]+:alice@bank\.example$/);
  await put(alice, `reviews/P/PROD/@risk/${alice.UserId}/99999998.json`);
  for (const who of [bob, local]) {
    await expect(put(who, `reviews/P/PROD/@risk/${alice.UserId}/99999997.json`)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('explicit deny in a resource-based policy'),
    });
  }
});

it('a presigned URL lends nobody’s signature', async () => {
  const { hostname, port, host } = new URL(local.aws.endpoint);
  const upload = async (key: string) => {
    const signer = new SignatureV4({
      ...{ service: 's3', region: local.aws.region, credentials: alice.credentials, uriEscapePath: false },
      sha256: Hash.bind(null, 'sha256') as never,
    });
    const path = `/${Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const request = { method: 'PUT', protocol: 'http:', hostname, port: Number(port), path, query: {}, headers };
    const signingDate = local.clock.time;
    const signed = await signer.presign(request, { expiresIn: 60, unhoistableHeaders: new Set(), signingDate });
    const query = new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll('+', '%20');
    return fetch(`${local.aws.endpoint}${path}?${query}`, { method: 'PUT', body: '{}' });
  };
  const refused = await upload(`reviews/P/PROD/@risk/${alice.UserId}/99999998.json`);
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('AccessDenied')]);
});

it('an object was written when the clock that a test sets says so', async () => {
  const Key = `reviews/P/PROD/@risk/${alice.UserId}/99999998.json`;
  await put(alice, Key);
  const { Contents = [] } = await local.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'reviews/' }));
  expect(Contents[0]?.LastModified?.getTime()).toBe(Math.floor(local.clock.time.getTime() / 1000) * 1000);
});
