import type { AuditedRegistry, AuditRule } from '../audit-rule';

/** The registry's roles are those that the bucket's policy names by their ids. */
export const pinnedRoles: AuditRule<AuditedRegistry, 'RoleReplaced'> = {
  name: 'pinned-roles',
  reads: "ids of the registry's roles, and the ids in the bucket's policy",
  finds: { RoleReplaced: 'a role of the registry was deleted, or made again under its name' },
  run({ evidence: { replacedRoles } }, report) {
    for (const [roleName, problem] of replacedRoles ?? []) report('RoleReplaced', `role ${roleName}`, problem);
  },
};
