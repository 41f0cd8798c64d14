import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { NO_VERSION } from '../../core/contract/no-version';
import { progressParameterName, rolloutParameterName } from '../../core/contract/rollout-parameters';
import type { AliasParameter, AliasParameterProps } from './alias-parameter';
import { freezeLogicalId } from './frozen-logical-id';

/**
 * The two parameters below an alias's own. Which rollout may happen, the record says. How far it has got, the controller
 * does: CloudFormation makes that parameter with a value that never changes, and so leaves it alone afterwards.
 */
export class RolloutParameters extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { identity, parameterName, record }: AliasParameterProps,
    pointer: AliasParameter,
  ) {
    super(scope, id);
    const { promptName, aliasName } = identity;
    const plan = new CfnParameter(this, 'Plan', {
      name: rolloutParameterName(parameterName),
      type: 'String',
      value: record.recorded('Rollout'),
      description: `Rollout of ${promptName} that ${aliasName} may make`,
    });
    freezeLogicalId(plan, identity, 'Rollout');
    // A rollout that is settled ends after the pointer has moved: readers in between would give everybody the old version.
    plan.addDependency(pointer);
    const progress = new CfnParameter(this, 'Progress', {
      name: progressParameterName(parameterName),
      type: 'String',
      value: NO_VERSION,
      description: `How far the rollout of ${promptName} at ${aliasName} has got; its controller writes it`,
    });
    freezeLogicalId(progress, identity, 'RolloutProgress');
  }
}
