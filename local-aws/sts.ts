import type {
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  GetCallerIdentityCommandOutput,
} from '@aws-sdk/client-sts';
import * as client from '@aws-sdk/client-sts';
import { AwsError } from './aws-error';
import type { CredentialStore } from './credential-store';
import { trustAsResourcePolicy } from './policy-document';
import { operation, type Service } from './service';
import { supportedMembers } from './supported-members';
import { Query } from './wire/query';

/** The roles that can be assumed; throws NoSuchEntity for others. */
export interface RoleDirectory {
  trustPolicy(roleName: string): object;
}

export function sts(credentials: CredentialStore, roles: RoleDirectory): Service {
  return {
    name: 'sts',
    signingName: 'sts',
    client,
    protocol: new Query('https://sts.amazonaws.com/doc/2011-06-15/'),
    operations: {
      GetCallerIdentity: operation<object, GetCallerIdentityCommandOutput>({
        authorize: () => [],
        run: (_, { principal }) => ({ Account: principal.account, Arn: principal.arn, UserId: principal.arn }),
      }),
      AssumeRole: operation<AssumeRoleCommandInput, AssumeRoleCommandOutput>({
        authorize: ({ RoleArn = '', ExternalId }, { principal }) => [
          {
            ...{ action: 'sts:AssumeRole', resource: RoleArn },
            context: ExternalId === undefined ? undefined : { 'sts:ExternalId': ExternalId },
            resourcePolicy: trustAsResourcePolicy(trustPolicy(roles, RoleArn, principal.arn), RoleArn),
          },
        ],
        run: (input, call) => {
          supportedMembers(call, input, 'RoleArn RoleSessionName ExternalId DurationSeconds');
          const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3600 } = input;
          const { account, time } = call;
          const roleName = roleNameOf(RoleArn);
          const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${RoleSessionName}`;
          const issued = credentials.issue({ arn, account, roleName });
          return {
            Credentials: {
              AccessKeyId: issued.accessKeyId,
              SecretAccessKey: issued.secretAccessKey,
              SessionToken: issued.sessionToken,
              Expiration: new Date(time.getTime() + DurationSeconds * 1000),
            },
            AssumedRoleUser: { Arn: arn, AssumedRoleId: `AROA${roleName}:${RoleSessionName}` },
          };
        },
      }),
    },
  };
}

/** STS does not tell a role that is not there from one that may not be assumed. */
function trustPolicy(roles: RoleDirectory, roleArn: string, caller: string): object {
  try {
    return roles.trustPolicy(roleNameOf(roleArn));
  } catch {
    const message = `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new AwsError('AccessDenied', 403, message);
  }
}

function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
