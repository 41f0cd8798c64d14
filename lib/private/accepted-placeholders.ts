import { Validations } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';

/**
 * A prompt may speak of CloudFormation: outside `Fn::Sub` it hands `${AWS::Region}` on as it stands, and the rule inside
 * aws-cdk-lib that takes it for a forgotten `Fn::Sub` would refuse the app.
 */
export function acceptPlaceholders(prompt: CfnPrompt): void {
  // Older releases of aws-cdk-lib have neither the rules nor the class.
  (Validations as typeof Validations | undefined)?.of(prompt).acknowledge({
    id: 'CloudFormation-Validate::E1029',
    reason: 'the text of a prompt is not a template',
  });
}
