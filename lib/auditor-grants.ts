import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnPolicy, type IGrantable, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { AuditableTrail } from './auditable-trail';
import { auditorStatements } from './private/auditor-statements';
import { changeableRole } from './private/changeable-role';

/**
 * Grants on an audit trail and on what it is about.
 *
 * A grant that CDK would silently ignore throws `GrantIgnored`.
 */
export class AuditorGrants {
  /** The grants of a trail. */
  public static fromTrail(trail: AuditableTrail): AuditorGrants {
    return new AuditorGrants(trail);
  }

  private constructor(private readonly trail: AuditableTrail) {}

  /**
   * Allows what `prompt-registry audit`, `history`, `status` and `aws cloudtrail validate-logs` read, and nothing else:
   * the trail and its files, ledgers and archives with all object versions, the prompts of this app and their versions,
   * the aliases' parameters and their history, the callers' policies, the registries' stacks. It writes nothing anywhere.
   *
   * It reads prompt texts, and CloudTrail's event history of the whole account and Region, which AWS does not divide.
   * Prompts of the role's own stack it reads by their ARNs; where a registry has others, all prompts of account and Region.
   *
   * @param grantee a role of this account, or something that has one
   */
  public audit(grantee: IGrantable): void {
    const { trail } = this;
    const role = changeableRole(
      trail,
      grantee,
      `audit of ${trail.trailName}`,
      'make the role in this app, or give it these rights where it is defined',
    );
    const stack = Stack.of(role);
    const id = `Audit${trail.trailName}`;
    if (role.node.tryFindChild(id) !== undefined) {
      return;
    }
    new CfnPolicy(role, id, {
      policyName: trail.trailName,
      roles: [role.roleName],
      policyDocument: Lazy.any({
        produce: () => new PolicyDocument({ statements: auditorStatements(stack, trail), minimize: false }),
      }),
    });
  }
}
