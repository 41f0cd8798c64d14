import { Stack, Token } from 'aws-cdk-lib';
import { CfnRole, Group, type IGrantable, type IRole, LazyRole, Role, User } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/** Why a grant cannot be carried out as a whole. */
export interface GrantProblem {
  /** `a role of account 444455556666` */
  readonly found: string;
  /** What helps in this case. @default - what helps with any role that CDK may not change */
  readonly fix?: string;
}

/** A role that a grant can change, or what is wrong with it. */
export function changeableRole(
  owner: IConstruct,
  grantee: IGrantable,
  what: string,
  fix: string,
  problemWith: (role: IRole) => GrantProblem | undefined = () => undefined,
): IRole {
  const principal = grantee?.grantPrincipal as (Partial<IRole> & IGrantable['grantPrincipal']) | undefined;
  const problem =
    principal?.addManagedPolicy === undefined || principal.node === undefined
      ? withoutRole(grantee)
      : (notARole(principal) ??
        otherAccount(owner, principal as IRole) ??
        ignored(principal as IRole) ??
        ofAws(principal as IRole) ??
        problemWith(principal as IRole));
  if (problem !== undefined) throw grantProblem(owner, what, { fix, ...problem }, principal?.node ?? nodeOf(grantee));
  return principal as IRole;
}

/** The error of a grant that would be ignored, by CDK or by AWS. */
export function grantProblem(
  owner: IConstruct,
  what: string,
  { found, fix }: GrantProblem,
  node: { readonly path: string } | undefined,
): Error {
  return constructError(
    owner,
    'GrantIgnored',
    `expected a role of this account that CDK may change, to grant ${what}, found ${found}${node ? ` (${node.path})` : ''}: ${fix}`,
  );
}

/** Whether the role was imported in a way that lets CDK change it: from the policy's side only. */
export function isImported(role: IRole): boolean {
  // CDK exports no class to tell the kinds of imported roles apart: the immutable kind ignores everything.
  return kindOf(role) === 'aws-cdk-lib.aws-iam.ImportedRole';
}

/**
 * `Role.customizeRoles()` takes roles from elsewhere: what CDK would attach to one goes into a report, and with
 * `preventSynthesis: false` the role of the template goes without it.
 * https://docs.aws.amazon.com/cdk/v2/guide/define-iam-l2.html
 */
export function customized(role: IRole): GrantProblem | undefined {
  const isCustomized =
    role.node.tryGetContext(CUSTOMIZED) !== undefined || kindOf(role) === 'aws-cdk-lib.aws-iam.PrecreatedRole';
  return isCustomized
    ? {
        found: 'a role that Role.customizeRoles() keeps CDK from changing',
        fix: 'attach the managed policy where the role is really defined; with preventSynthesis: false, list it in the managedPolicies of the role',
      }
    : undefined;
}

/** Where CDK keeps what `Role.customizeRoles()` was told. */
const CUSTOMIZED = '@aws-cdk/iam:customizeRoles';

/** Refuses a place in which CDK defines no roles and no managed policies: those of the registry are its fence. */
export function refuseCustomizedRoles(scope: IConstruct): void {
  const context = scope.node.tryGetContext(CUSTOMIZED) as { readonly preventSynthesis?: boolean } | undefined;
  if (context === undefined || context.preventSynthesis === false) return;
  throw constructError(
    scope,
    'RolesCustomized',
    "expected a place in which CDK defines roles and managed policies, found Role.customizeRoles(), which leaves them out of the template: call it on the stacks of the consumers, not on the registry's",
  );
}

function kindOf(construct: object): string | undefined {
  return (construct.constructor as { PROPERTY_INJECTION_ID?: string }).PROPERTY_INJECTION_ID;
}

function withoutRole(grantee: unknown): GrantProblem {
  if (grantee instanceof CfnRole) {
    return {
      found: 'a CfnRole, which takes no grants',
      fix: 'add the ARN of the managed policy (managedPolicyArn) to its managedPolicyArns',
    };
  }
  if (typeof grantee === 'object' && grantee !== null && 'taskRole' in grantee) {
    return {
      found: 'a task definition, whose containers get no environment from a grant',
      fix: 'grant to its taskRole, and give the container alias.clientEnvironment',
    };
  }
  if (typeof grantee === 'object' && grantee !== null && 'functionArn' in grantee) {
    return {
      found: 'an imported function whose role CDK does not know',
      fix: 'grant to its role (Role.fromRoleName()), and give its client parameterPrefix and alias where it is defined',
    };
  }
  return { found: 'something that has no role' };
}

function nodeOf(grantee: unknown): { readonly path: string } | undefined {
  return (grantee as Partial<IConstruct> | undefined)?.node;
}

function notARole(principal: object): GrantProblem | undefined {
  const kind = principal instanceof User || 'userName' in principal ? 'user' : undefined;
  const found = kind ?? (principal instanceof Group || 'groupName' in principal ? 'group' : undefined);
  return found === undefined
    ? undefined
    : {
        found: `a ${found}, which has no role`,
        fix: `attach the policy yourself, with addManagedPolicy() of the ${found}`,
      };
}

function otherAccount(owner: IConstruct, role: IRole): GrantProblem | undefined {
  const mine = Stack.of(owner).account;
  const theirs = role.principalAccount ?? role.env.account;
  const known = !Token.isUnresolved(mine) && !Token.isUnresolved(theirs);
  return known && mine !== theirs ? { found: `a role of account ${theirs}` } : undefined;
}

function ignored(role: IRole): GrantProblem | undefined {
  const isOwn = Role.isRole(role) || role instanceof LazyRole;
  if (isOwn || isImported(role)) return undefined;
  return customized(role) ?? { found: 'an imported role that CDK may not change' };
}

/**
 * Roles that only AWS may change: those of IAM Identity Center, whose permission sets take managed policies by name, and
 * those that are linked to a service.
 * https://repost.aws/knowledge-center/identity-center-aws-reserved-sso
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
function ofAws(role: IRole): GrantProblem | undefined {
  if (!isImported(role)) return undefined;
  if (/:role\/aws-reserved\//.test(role.roleArn) || /^AWSReservedSSO_/.test(role.roleName)) {
    return {
      found: 'a role of IAM Identity Center, which only AWS may change',
      fix: 'add the name of the managed policy to its permission set, as a customer managed policy',
    };
  }
  if (/:role\/aws-service-role\//.test(role.roleArn) || /^AWSServiceRoleFor/.test(role.roleName)) {
    return {
      found: 'a role that is linked to a service, which only AWS may change',
      fix: 'grant to a role of your own',
    };
  }
  return undefined;
}
