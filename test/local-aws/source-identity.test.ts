import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ACCOUNT, clientsFor, policy, startWithClock, statement } from './local-clients';

let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
});
afterEach(() => local.aws.stop());

const trust = (...Action: string[]) =>
  policy({ Effect: 'Allow', Action, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } });

async function role(RoleName: string, document = trust('sts:AssumeRole', 'sts:SetSourceIdentity')) {
  await local.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }));
  const everything = policy(statement('Allow', '*', '*'));
  await local.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument: everything }));
}

async function assume(roleName: string, SourceIdentity?: string, who: ReturnType<typeof clientsFor> = local) {
  const input = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/${roleName}`, RoleSessionName: 'shared', SourceIdentity };
  const { Credentials, SourceIdentity: told } = await who.sts.send(new AssumeRoleCommand(input));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
  const issued = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { ...clientsFor(local.aws, issued), told };
}

it('a source identity goes along through every role of a chain, whatever the sessions are called', async () => {
  await role('first');
  await role('second');
  const first = await assume('first', 'alice@bank');
  const second = await assume('second', undefined, first);
  await second.sts.send(new GetCallerIdentityCommand({}));

  const { Events = [] } = await local.cloudtrail.send(new LookupEventsCommand({}));
  const identities = Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent).userIdentity);

  expect([first.told, second.told]).toEqual(['alice@bank', 'alice@bank']);
  const [asked, chained, entered] = identities.map(({ sessionContext }) => sessionContext?.sourceIdentity);
  expect([asked, chained, entered]).toEqual(['alice@bank', 'alice@bank', undefined]);
});

it('it cannot be changed within the chain', async () => {
  await role('first');
  await role('second');
  const first = await assume('first', 'alice');
  await expect(assume('second', 'bob', first)).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('a role whose trust does not allow sts:SetSourceIdentity ends the chain', async () => {
  await role('first');
  await role('closed', trust('sts:AssumeRole'));
  const first = await assume('first', 'alice');
  await expect(assume('closed', undefined, first)).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('a trust may ask for one', async () => {
  const condition = { StringLike: { 'sts:SourceIdentity': '*' } };
  await role('named', policy({ ...JSON.parse(trust('sts:*')).Statement[0], Condition: condition }));

  await expect(assume('named')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(assume('named', 'alice')).resolves.toMatchObject({ told: 'alice' });
});
