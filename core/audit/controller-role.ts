import { earliest } from './earliest';
import type { ControllerEvidence } from './evidence';

/** A write, and the name of the role that made it; null for somebody without a role. */
export interface RoleWrite {
  readonly role: string | null;
  readonly time: string;
}

/**
 * Whether a write is the controller's. Its role's name is generated: a controller that was deleted with the last `rollout` and
 * made again had another end before, after the last hyphen; from the first write of today's role on only that one counts.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
 *
 * @param writes among which today's role made its first
 */
export function byController({ roleName }: ControllerEvidence, writes: readonly RoleWrite[]) {
  const stem = roleName.slice(0, roleName.lastIndexOf('-') + 1);
  const begins = earliest(writes.flatMap(({ role, time }) => (role === roleName ? Date.parse(time) : [])));
  return ({ role, time }: RoleWrite): boolean => {
    if (role === roleName) return true;
    if (role === null || stem === '' || !role.startsWith(stem)) return false;
    return /^[A-Za-z0-9]+$/.test(role.slice(stem.length)) && Date.parse(time) < begins;
  };
}
