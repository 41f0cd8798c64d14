import { BedrockFoundationModel, Prompt, PromptVariant } from '@aws-cdk/aws-bedrock-alpha';
import { App, Stack, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';

/** What the README says of the official alpha construct (2.271.0-alpha.0) is measured here, so that it cannot go stale unseen. */
describe('the official alpha construct', () => {
  test('publishes no new version when the text of the prompt changes', () => {
    expect(versionsOf(synth({ text: 'You are a balanced advisor' }))).toEqual(
      versionsOf(synth({ text: 'You are a reckless advisor' })),
    );
  });

  test('replaces the version, so that CloudFormation makes a new one and deletes the old, when an app-wide tag is added', () => {
    const [plain] = Object.values(versionsOf(synth({ text: 'hi' })));
    const [tagged] = Object.values(versionsOf(synth({ text: 'hi', tag: 'payments' })));
    expect(plain?.Properties.Tags).toBeUndefined();
    expect(tagged?.Properties.Tags).toEqual({ team: 'payments' });
    expect(tagged?.UpdateReplacePolicy).toBeUndefined();
  });

  test('grants GetPrompt on the draft and neither RenderPrompt nor any version', () => {
    const [policy] = Object.values(synth({ text: 'hi' }).findResources('AWS::IAM::Policy'));
    expect(policy?.Properties.PolicyDocument.Statement).toEqual([
      {
        Action: 'bedrock:GetPrompt',
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Prompt/), 'Arn'] },
      },
    ]);
  });
});

function synth({ text, tag }: { text: string; tag?: string }): Template {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const variant = PromptVariant.text({
    variantName: 'default',
    model: BedrockFoundationModel.AMAZON_NOVA_PRO_V1,
    promptText: text,
  });
  const prompt = new Prompt(stack, 'Prompt', { promptName: 'prompt', variants: [variant] });
  prompt.createVersion('a version');
  prompt.grantGet(new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() }));
  if (tag) {
    Tags.of(app).add('team', tag);
  }
  return Template.fromStack(stack);
}

function versionsOf(template: Template) {
  return template.findResources('AWS::Bedrock::PromptVersion');
}
