import type { Principal } from '../iam/principal';

export interface RoleSessionRequest {
  readonly account: string;
  readonly role: { readonly name: string; readonly id: string; readonly arn: string };
  readonly sessionName: string;
  readonly created: Date;
  readonly sourceIdentity?: string;
}

/** The principal that a role's session is. */
export function roleSession({ account, role, sessionName: name, created, sourceIdentity }: RoleSessionRequest) {
  return {
    arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${name}`,
    account,
    roleName: role.name,
    session: { roleId: role.id, roleArn: role.arn, name, created, sourceIdentity },
  } satisfies Principal;
}
