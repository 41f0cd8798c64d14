import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { reviewKey } from '../../core/ledger/layout';
import { type ReviewKind, serializeReview } from '../../core/ledger/review';
import type { LocalAws } from '../../packages/local-aws';
import { type Clients, clientsOf } from './clients';

/** A session with its keys, and what IAM knows it by. */
export interface Person extends Clients {
  readonly userId: string;
  readonly credentials: LocalAws['operator'];
}

/** Somebody's session of a role. */
export async function session(aws: LocalAws, roleName: string, RoleSessionName: string): Promise<Person> {
  const RoleArn = `arn:aws:iam::${aws.account}:role/${roleName}`;
  const { Credentials } = await clientsOf(aws).sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const clients = clientsOf(aws, credentials);
  const { UserId: userId = '' } = await clients.sts.send(new GetCallerIdentityCommand({}));
  return { ...clients, credentials, userId };
}

export interface Said {
  readonly registry: string;
  readonly prompt: string;
  readonly promptId: string;
  readonly alias: string;
  readonly digest: string;
  readonly group: string;
  readonly kind: ReviewKind;
}

/** Key and body of somebody's review. */
export function review(who: Person, number: number, said: Said): { Key: string; Body: string } {
  const { group, promptId, alias, digest } = said;
  const rest = { version: 1, live: null, comment: null, time: new Date().toISOString() };
  const Key = reviewKey({ promptId, alias, digest, group, signer: who.userId, number });
  return { Key, Body: serializeReview({ schema: 1, ...said, ...rest }) };
}
