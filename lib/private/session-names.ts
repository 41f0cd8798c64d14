import { Annotations, Stack } from 'aws-cdk-lib';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * A person is the name of a session, so somebody who may choose the name may be two people. What the trust of a role of this app
 * says is known here; that of others is their owner's.
 */
export function watchSessionNames(scope: IConstruct, role: IRole): void {
  if (!(role instanceof Role)) return;
  scope.node.addValidation({
    validate: () => {
      if (trustOf(role).some(letsChooseName)) {
        Annotations.of(role).addWarningV2(
          'cdk-prompt-registry:sessionNameNotPinned',
          `anybody who assumes this role may choose the session's name, which is the person that a review counts for: pin it in the role's trust with a condition on sts:RoleSessionName, such as { StringEquals: { 'sts:RoleSessionName': '\${aws:username}' } }, or let people come through IAM Identity Center`,
        );
      }
      return [];
    },
  });
}

/** Who asks is who wrote the text, if a person asks. Behind a pipeline the one who approves may have written it. */
export function watchWhoAsks(scope: IConstruct, group: string, roles: readonly (IRole | string)[]): void {
  scope.node.addValidation({
    validate: () => {
      for (const role of roles) {
        if (!(role instanceof Role) || !trustOf(role).every(isOfService)) continue;
        Annotations.of(role).addWarningV2(
          'cdk-prompt-registry:askedByMachine',
          `only a service assumes this role, which asks for releases as ${group}: the person behind it is not known, and may be the one who approves; let people ask, or set count: 2 in the gate`,
        );
      }
      return [];
    },
  });
}

function trustOf(role: Role): TrustStatement[] {
  const trust: { Statement?: TrustStatement[] } = Stack.of(role).resolve(role.assumeRolePolicy?.toJSON() ?? {});
  return trust.Statement ?? [];
}

function isOfService({ Principal }: TrustStatement): boolean {
  return typeof Principal === 'object' && Principal !== null && Object.keys(Principal).join() === 'Service';
}

interface TrustStatement {
  readonly Effect?: string;
  readonly Action?: string | string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Services name their sessions themselves, and the names of SAML sessions come from the identity provider. */
function letsChooseName({ Effect, Action = [], Principal, Condition = {} }: TrustStatement): boolean {
  const principals = typeof Principal === 'object' && Principal !== null ? Object.keys(Principal) : ['AWS'];
  const isOpen = [Action].flat().some((action) => /^(\*|sts:(\*|AssumeRole(\*|WithWebIdentity)?))$/.test(action));
  const isPinned = Object.entries(Condition).some(
    ([operator, keys]) =>
      /^String(Equals|Like)(IgnoreCase)?(IfExists)?$/.test(operator) &&
      Object.entries(keys).some(([key, names]) => /^sts:RoleSessionName$/i.test(key) && ![names].flat().includes('*')),
  );
  return Effect === 'Allow' && isOpen && !isPinned && principals.some((principal) => principal !== 'Service');
}
