import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { callerPolicyName } from '../../core/contract/names';
import type { ReleasablePrompt } from '../releasable-prompt';
import { freezeLogicalId } from './frozen-logical-id';
import { keyStatement } from './prompt-permissions';
import type { CallableSlot, ReleasePlan } from './release-plan';

export interface CallerPolicyProps {
  readonly prompt: ReleasablePrompt;
  readonly aliasName: string;
  readonly parameterArn: string;
  readonly plan: ReleasePlan;
  readonly access: 'invoke' | 'read';
}

/** The managed policy that callers of an alias attach: when the alias moves, all of them move. */
export class CallerPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, props: CallerPolicyProps) {
    const { prompt, aliasName, access } = props;
    const { parameterPrefix } = prompt.registry;
    const { promptName } = prompt;
    super(scope, id, {
      managedPolicyName: callerPolicyName({
        parameterPrefix,
        promptName,
        aliasName,
        region: Stack.of(scope).region,
        access,
      }),
      // The description is create-only: it must not hold anything that may change.
      description: `${access} ${parameterPrefix}/${promptName}/${aliasName}`,
      statements: access === 'invoke' ? invokeStatements(props) : readStatements(props),
    });
    freezeLogicalId(
      this,
      { parameterPrefix, promptName, aliasName },
      access === 'invoke' ? 'CallerPolicy' : 'ReaderPolicy',
    );
  }
}

function readStatements({ prompt, parameterArn, plan }: CallerPolicyProps, actions = ['bedrock:GetPrompt']) {
  return [
    new PolicyStatement({ actions, resources: plan.slots().map(({ version }) => version) }),
    new PolicyStatement({ actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: [parameterArn] }),
    ...(prompt.encryptionKey ? [keyStatement(prompt.encryptionKey.keyRef.keyArn, [prompt], ['kms:Decrypt'])] : []),
  ];
}

function invokeStatements(props: CallerPolicyProps): PolicyStatement[] {
  const slots = props.plan.slots();
  return [
    ...readStatements(props, ['bedrock:GetPrompt', 'bedrock:RenderPrompt']),
    new PolicyStatement({ actions: INVOKE, resources: slots.flatMap(({ model, profile }) => [model, profile]) }),
    ...slots.map(throughProfile),
  ];
}

/**
 * A profile routes to models in several Regions, and a `global.` one to the ARN without a Region as well; the condition
 * keeps those ARNs to calls through this profile.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
function throughProfile({ profile, profileModel, globalModel }: CallableSlot): PolicyStatement {
  return new PolicyStatement({
    actions: INVOKE,
    resources: [profileModel, globalModel],
    conditions: { StringEquals: { 'bedrock:InferenceProfileArn': profile } },
  });
}

const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
