import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { referencedResources } from './referenced-resources';
import { outlivesItsStack } from './removal-policies';

/**
 * Resources that a version can run on and that CloudFormation replaces when the model behind them changes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-applicationinferenceprofile.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-intelligentpromptrouter.html
 */
const REPLACED = ['AWS::Bedrock::ApplicationInferenceProfile', 'AWS::Bedrock::IntelligentPromptRouter'];

/**
 * Says at synth that a model of the same app will be deleted under the versions that run on it: released versions keep
 * the ARN they were published with, and CloudFormation deletes a resource that it replaced in the same deployment.
 */
export function warnOfUnretainedModel(prompt: Construct, model: string | undefined): void {
  if (model === undefined) return;
  // At the end of the synthesis: a policy may be applied after the prompt is defined.
  const validate = () => {
    for (const resource of referencedResources(prompt, model)) {
      if (!REPLACED.includes(resource.cfnResourceType) || outlivesItsStack(resource)) continue;
      Annotations.of(prompt).addWarningV2(
        'cdk-prompt-registry:modelNotRetained',
        `the model is ${resource.node.path}, an ${resource.cfnResourceType} without a retention policy: CloudFormation deletes it when its model changes, and released versions that run on it stop working; call applyRemovalPolicy(RemovalPolicy.RETAIN) on it`,
      );
    }
    return [];
  };
  prompt.node.addValidation({ validate });
}
