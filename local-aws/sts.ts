import type {
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  GetCallerIdentityCommandOutput,
} from '@aws-sdk/client-sts';
import * as client from '@aws-sdk/client-sts';
import type { CredentialStore } from './credential-store';
import { operation, type Service } from './service';
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
        authorize: ({ RoleArn = '' }) => {
          const resourcePolicy = trustAsResourcePolicy(roles.trustPolicy(roleNameOf(RoleArn)), RoleArn);
          return [{ action: 'sts:AssumeRole', resource: RoleArn, resourcePolicy }];
        },
        run: ({ RoleArn = '', RoleSessionName = '' }, { account, time }) => {
          const roleName = roleNameOf(RoleArn);
          const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${RoleSessionName}`;
          const issued = credentials.issue({ arn, account, roleName });
          return {
            Credentials: {
              AccessKeyId: issued.accessKeyId,
              SecretAccessKey: issued.secretAccessKey,
              SessionToken: issued.sessionToken,
              Expiration: new Date(time.getTime() + 3_600_000),
            },
            AssumedRoleUser: { Arn: arn, AssumedRoleId: `AROA${roleName}:${RoleSessionName}` },
          };
        },
      }),
    },
  };
}

function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** A trust policy has no Resource: it speaks of the role that bears it. */
function trustAsResourcePolicy(trust: object, roleArn: string): object {
  const { Statement } = trust as { Statement: object | object[] };
  return { ...trust, Statement: [Statement].flat().map((statement) => ({ Resource: roleArn, ...statement })) };
}
