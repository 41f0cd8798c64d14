import type { Authorizer } from '../iam/authorizer';
import { trustAsResourcePolicy } from '../iam/policy-document';
import type { Credentials, Principal } from '../iam/principal';
import type { CredentialStore } from '../sts/credential-store';
import type { ServiceSessions } from '../sts/service-sessions';
import type { RoleDirectory } from '../sts/sts';
import { validationError } from './validation-error';

/** The rights with which a stack's resources are made: those of its execution role, else the caller's own. */
export type ExecutionCredentials = (roleArn: string | undefined, caller: Caller) => Promise<Credentials>;

export interface Caller {
  readonly principal: Principal;
  readonly accessKeyId: string;
}

const SERVICE = 'cloudformation.amazonaws.com';

/** Assumes the role as `cloudformation.amazonaws.com`, if the role's trust policy lets it. */
export function executionCredentials(
  store: CredentialStore,
  roles: RoleDirectory,
  authorizer: Authorizer,
  sessions: ServiceSessions,
  region: string,
): ExecutionCredentials {
  return async (roleArn, { principal, accessKeyId }) => {
    if (roleArn === undefined) {
      return store.issue({ ...principal, invokedBy: SERVICE, shownAccessKeyId: accessKeyId });
    }
    const { account } = principal;
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    try {
      const resourcePolicy = trustAsResourcePolicy(roles.trustPolicy(roleName), roleArn);
      const service = { arn: SERVICE, account, service: {} };
      await authorizer.require(service, region, { action: 'sts:AssumeRole', resource: roleArn, resourcePolicy });
    } catch {
      throw validationError(`Role ${roleArn} is invalid or cannot be assumed`);
    }
    return sessions.assume(SERVICE, roleArn, 'AWSCloudFormation', SERVICE);
  };
}
