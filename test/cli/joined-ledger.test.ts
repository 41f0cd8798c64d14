import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { joinedLedger } from '../../cli/joined-ledger';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';

const PLAN = 'arn:aws:lambda:us-east-1:111122223333:function:Platform-Plan';

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.stop());

const clients = (credentials = aws.operator) => {
  const settings = { endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 };
  return { cloudFormation: new CloudFormationClient(settings), lambda: new LambdaClient(settings) };
};

it.each([
  ['nobody says which function it is', undefined, 'its template does not say which function plans its releases', 1],
  ['the function is exported by nobody', { exportName: 'nothing' }, 'does not say which function', 1],
  ['the function is not there', { arn: PLAN }, `${PLAN}, which plans its releases, is not there`, 1],
])('the ledger of a registry that a stack joins is asked for where %s', async (_, planFunction, why, exitCode) => {
  const unknown = {
    message: 'stack Team has no ledger of its own',
    why: expect.stringContaining(why),
    fix: ['name the bucket of that registry with --ledger-bucket'],
    exitCode,
  };
  await expect(joinedLedger(clients(), { stackName: 'Team', planFunction })).rejects.toMatchObject(unknown);
});

it('the ledger of a registry that a stack joins is asked for where the function may not be read', async () => {
  const guest = aws.user('guest', []);
  const joined = joinedLedger(clients(guest), { stackName: 'Team', planFunction: { arn: PLAN } });
  const why = expect.stringContaining('lambda:GetFunctionConfiguration');
  await expect(joined).rejects.toMatchObject({ why, exitCode: 6, fix: [expect.stringContaining('--ledger-bucket')] });
});
