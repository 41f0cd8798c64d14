import type { Authorizer } from '../authorizer';
import type { CredentialStore } from '../credential-store';
import { trustAsResourcePolicy } from '../policy-document';
import type { Credentials, Principal } from '../principal';
import type { RoleDirectory } from '../sts';
import { validationError } from './validation-error';

/** The rights with which a stack's resources are made: those of its execution role, else the caller's own. */
export type ExecutionCredentials = (roleArn: string | undefined, caller: Principal) => Promise<Credentials>;

/** Assumes the role as `cloudformation.amazonaws.com`, if the role's trust policy lets it. */
export function executionCredentials(
  store: CredentialStore,
  roles: RoleDirectory,
  authorizer: Authorizer,
  region: string,
): ExecutionCredentials {
  return async (roleArn, caller) => {
    if (roleArn === undefined) {
      return store.issue(caller);
    }
    const { account } = caller;
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    try {
      const resourcePolicy = trustAsResourcePolicy(roles.trustPolicy(roleName), roleArn);
      const service = { arn: 'cloudformation.amazonaws.com', account };
      await authorizer.require(service, region, { action: 'sts:AssumeRole', resource: roleArn, resourcePolicy });
    } catch {
      throw validationError(`Role ${roleArn} is invalid or cannot be assumed`);
    }
    return store.issue({
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/AWSCloudFormation`,
      account,
      roleName,
    });
  };
}
