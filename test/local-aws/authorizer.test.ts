import { describe, expect, it } from 'vitest';
import { Authorizer } from '../../packages/local-aws/iam/authorizer';
import { iam } from '../../packages/local-aws/iam/iam';
import { IamState } from '../../packages/local-aws/iam/iam-state';

const account = '111122223333';
const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const principal = { arn: `arn:aws:iam::${account}:user/operator`, account, policies: [allow] };
const authorizer = new Authorizer(new IamState(account, () => new Date()));

describe('what the simulator cannot judge is refused, even to an administrator', () => {
  it.each([
    ['an ARN without its Region', { action: 'bedrock:InvokeModel', resource: 'arn:aws:bedrock:::foundation-model/m' }],
    ['a resource with a wildcard of its own', { action: 's3:GetObject', resource: 'arn:aws:s3:::b/a*c' }],
    ['an action that IAM does not know', { action: 'bedrock:Converse', resource: '*' }],
    [
      'a condition key that the action does not have',
      { action: 's3:PutObject', resource: 'arn:aws:s3:::b/a', context: { 's3:imagined': 'x' } },
    ],
  ])('%s', async (_, authorization) => {
    await expect(authorizer.require(principal, 'us-east-1', authorization)).rejects.toMatchObject({ status: 501 });
  });
});

it('is asked by every operation of IAM, by the operation’s own name', () => {
  const { operations } = iam(new IamState(account, () => new Date()));
  const input = { RoleName: 'r', PolicyName: 'p', PolicyArn: `arn:aws:iam::${account}:policy/p` } as never;

  const asked = Object.entries(operations).map(([operation, { authorize }]) =>
    authorize(input, { operation, account } as never).map(({ action }) => action),
  );

  expect(asked).toEqual(Object.keys(operations).map((operation) => [`iam:${operation}`]));
});

it('knows a user by an id as well, as a session of a role', async () => {
  const condition = { StringNotLike: { 'aws:userid': 'AROA0123456789:*' }, Null: { 'aws:userid': 'false' } };
  const deny = { Effect: 'Deny', Action: 's3:PutObject', Resource: '*', Condition: condition };
  const policies = [{ ...allow, Statement: [...allow.Statement, deny] }];
  const put = { action: 's3:PutObject', resource: 'arn:aws:s3:::b/a' };
  await expect(authorizer.require({ ...principal, policies }, 'us-east-1', put)).rejects.toMatchObject({ status: 403 });
});
