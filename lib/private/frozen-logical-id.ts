import { CfnElement } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { LogicalIdRole } from '../../core/contract/logical-id-role';
import { logicalId } from '../../core/contract/names';

/** Where a resource belongs: what its logical id is made of, instead of its place in the construct tree. */
export interface FrozenIdentity {
  readonly parameterPrefix: string;
  readonly promptName?: string;
  readonly aliasName?: string;
}

/**
 * Gives a resource a logical id that moving its construct does not change.
 *
 * A new logical id means a new resource next to the old one: a second record chain, a parameter name that is taken, and
 * for handlers a changed service token, which CloudFormation refuses ("Modifying service token is not allowed").
 */
export function freezeLogicalId(construct: IConstruct, identity: FrozenIdentity, role: LogicalIdRole): void {
  const resource = CfnElement.isCfnElement(construct) ? construct : (construct.node.defaultChild as CfnElement);
  resource.overrideLogicalId(logicalId(identity.parameterPrefix, identity.promptName, identity.aliasName, role));
}
