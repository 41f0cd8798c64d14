import { Stack, Token } from 'aws-cdk-lib';
import { type IGrantable, type IRole, LazyRole, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/** A role that a grant can change, or what is wrong with it. */
export function changeableRole(
  owner: IConstruct,
  grantee: IGrantable,
  what: string,
  fix: string,
  problemWith: (role: IRole) => string | undefined = () => undefined,
): IRole {
  const principal = grantee.grantPrincipal as Partial<IRole> & IGrantable['grantPrincipal'];
  const problem =
    principal.addManagedPolicy === undefined || principal.node === undefined
      ? 'something that has no role'
      : (otherAccount(owner, principal as IRole) ?? ignored(principal as IRole) ?? problemWith(principal as IRole));
  if (problem !== undefined) {
    throw constructError(
      owner,
      'GrantIgnored',
      `expected a role of this account that CDK may change, to grant ${what}, found ${problem}${principal.node ? ` (${principal.node.path})` : ''}: ${fix}`,
    );
  }
  return principal as IRole;
}

/** Whether the role was imported in a way that lets CDK change it: from the policy's side only. */
export function isImported(role: IRole): boolean {
  // CDK exports no class to tell the kinds of imported roles apart: the immutable kind ignores everything.
  const { PROPERTY_INJECTION_ID: kind } = role.constructor as { PROPERTY_INJECTION_ID?: string };
  return kind === 'aws-cdk-lib.aws-iam.ImportedRole';
}

function otherAccount(owner: IConstruct, role: IRole): string | undefined {
  const mine = Stack.of(owner).account;
  const theirs = role.principalAccount ?? role.env.account;
  const known = !Token.isUnresolved(mine) && !Token.isUnresolved(theirs);
  return known && mine !== theirs ? `a role of account ${theirs}` : undefined;
}

function ignored(role: IRole): string | undefined {
  const isOwn = Role.isRole(role) || role instanceof LazyRole;
  return isOwn || isImported(role) ? undefined : 'an imported role that CDK may not change';
}
