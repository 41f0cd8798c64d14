import type { Principal } from '../iam/principal';
import { userId } from '../iam/user-id';
import { toTheSecond, type UserIdentity } from './cloudtrail-record';

/**
 * Who did it. The person behind a role is not in it, only the key: the `AssumeRole` that issued this key tells more.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function userIdentity(principal: Principal, accessKeyId: string | undefined): UserIdentity {
  const { arn, account, session, service, invokedBy } = principal;
  if (service) {
    return { type: 'AWSService', invokedBy: arn };
  }
  const name = lastPart(arn);
  if (!principal.roleName) {
    return {
      ...{ type: 'IAMUser', principalId: userId(arn), arn, accountId: account, accessKeyId, userName: name },
      ...(invokedBy !== undefined && { invokedBy }),
    };
  }
  const roleArn = session?.roleArn ?? `arn:aws:iam::${account}:role/${principal.roleName}`;
  const roleId = session?.roleId ?? `AROA${principal.roleName}`;
  return {
    ...{ type: 'AssumedRole', principalId: `${roleId}:${name}`, arn, accountId: account, accessKeyId },
    sessionContext: {
      sessionIssuer: {
        ...{ type: 'Role', principalId: roleId, arn: roleArn, accountId: account, userName: principal.roleName },
      },
      attributes: { creationDate: toTheSecond(session?.created ?? new Date(0)), mfaAuthenticated: 'false' },
      ...(session?.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
    },
    ...(invokedBy !== undefined && { invokedBy }),
  };
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
