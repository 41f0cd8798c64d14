import type {
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  GetCallerIdentityCommandOutput,
} from '@aws-sdk/client-sts';
import * as client from '@aws-sdk/client-sts';
import { AwsError } from '../aws-error';
import type { Authorization, Call } from '../call';
import { trustAsResourcePolicy } from '../iam/policy-document';
import type { Credentials, Principal } from '../iam/principal';
import { operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { Query } from '../wire/query';
import type { CredentialStore } from './credential-store';
import { roleSession } from './role-session';

/** The roles that can be assumed; throws NoSuchEntity for others. */
export interface RoleDirectory {
  trustPolicy(roleName: string): object;
  /** `AROA…` and the ARN with the role's path. */
  identity(roleName: string): { readonly id: string; readonly arn: string };
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
        run: (_, { principal }) => {
          const { arn, account, session } = principal;
          return { Account: account, Arn: arn, UserId: session ? `${session.roleId}:${session.name}` : arn };
        },
      }),
      AssumeRole: operation<AssumeRoleCommandInput, AssumeRoleCommandOutput>({
        authorize: (input, call) => questions(roles, input, call),
        run: (input, call) => {
          supportedMembers(call, input, 'RoleArn RoleSessionName ExternalId DurationSeconds SourceIdentity');
          const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3600 } = input;
          checkName('roleSessionName', RoleSessionName);
          const { account, time } = call;
          const name = roleNameOf(RoleArn);
          const role = { name, ...roles.identity(name) };
          const sourceIdentity = sourceIdentityOf(input, call);
          const principal = roleSession({ account, role, sessionName: RoleSessionName, created: time, sourceIdentity });
          const expiration = new Date(time.getTime() + DurationSeconds * 1000);
          return assumedRole(principal, credentials.issue(principal), expiration);
        },
      }),
    },
  };
}

/** What `AssumeRole` answers. */
export function assumedRole(principal: Principal, issued: Credentials, Expiration: Date) {
  const { roleId, name, sourceIdentity } = principal.session ?? {};
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration,
    },
    AssumedRoleUser: { Arn: principal.arn, AssumedRoleId: `${roleId}:${name}` },
    SourceIdentity: sourceIdentity,
  };
}

export function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/**
 * A source identity needs `sts:SetSourceIdentity` of the caller and of the role's trust, at every role of a chain.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
function questions(roles: RoleDirectory, input: AssumeRoleCommandInput, call: Call): Authorization[] {
  const { RoleArn = '', RoleSessionName = '', ExternalId } = input;
  const sourceIdentity = sourceIdentityOf(input, call);
  const resourcePolicy = trustAsResourcePolicy(trustPolicy(roles, RoleArn, call.principal.arn), RoleArn);
  const named: Record<string, string> = sourceIdentity === undefined ? {} : { 'sts:SourceIdentity': sourceIdentity };
  const external: Record<string, string> = ExternalId === undefined ? {} : { 'sts:ExternalId': ExternalId };
  const about = { resource: RoleArn, resourcePolicy };
  const context = { 'sts:RoleSessionName': RoleSessionName, ...external, ...named };
  const assume = { action: 'sts:AssumeRole', ...about, context };
  return sourceIdentity === undefined
    ? [assume]
    : [assume, { action: 'sts:SetSourceIdentity', ...about, context: named }];
}

/** The session's own stays; it cannot be changed. */
function sourceIdentityOf({ SourceIdentity, RoleArn }: AssumeRoleCommandInput, { principal }: Call) {
  const inherited = principal.session?.sourceIdentity;
  if (SourceIdentity !== undefined) {
    checkName('sourceIdentity', SourceIdentity);
  }
  if (inherited !== undefined && SourceIdentity !== undefined && SourceIdentity !== inherited) {
    const message = `User: ${principal.arn} is not authorized to perform: sts:SetSourceIdentity on resource: ${RoleArn}`;
    throw new AwsError('AccessDenied', 403, message);
  }
  return inherited ?? SourceIdentity;
}

function checkName(member: string, value: string): void {
  if (!/^[\w+=,.@-]{2,64}$/.test(value)) {
    const message = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`;
    throw new AwsError('ValidationError', 400, message);
  }
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
