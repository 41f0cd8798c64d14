import { App, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import {
  AliasGuardrail,
  AliasTarget,
  Guard,
  Prompt,
  PromptRegistry,
  PromptVariant,
  Rollout,
} from 'cdk-prompt-registry';

const app = new App();
const stack = new Stack(app, 'Prompts');
const registry = new PromptRegistry(stack, 'Registry', {
  parameterPrefix: '/prompts/prod',
  policyPropagation: Duration.seconds(1),
});
// What the package before this one does not have: a rollout, a tag and a guardrail.
const isRolling = process.env.ROLLING !== undefined;
const prompt = new Prompt(stack, 'Sorter', {
  registry,
  promptName: 'sorter',
  variant: PromptVariant.text({ text: process.env.TEXT ?? 'Sort {{ticket}}', model: 'amazon.nova-pro-v1:0' }),
  ...(isRolling && { tag: 'v1.0' }),
});
const prod = prompt.addAlias('PROD', {
  target: AliasTarget.parameter(),
  ...(isRolling && {
    callableVersions: 3,
    rollout: Rollout.steps([100], { bake: Duration.minutes(1), minimumUses: 0, guards: [Guard.errors()] }),
    guardrail: AliasGuardrail.version('abc123', '3'),
  }),
});
prod.grants.invoke(new Role(stack, 'Caller', { assumedBy: new AccountRootPrincipal() }));
if (isRolling) prod.grants.halt(new Role(stack, 'OnCall', { assumedBy: new AccountRootPrincipal() }));
if (process.env.FAILING) {
  const refused = new CfnParameter(stack, 'FailsOnPurpose', { type: 'String', value: 'a', allowedPattern: '^b$' });
  refused.node.addDependency(prod);
}

const { Resources } = app.synth().getStackByName('Prompts').template;
const types = Object.values(Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
for (const type of ['AWS::Bedrock::Prompt', 'Custom::PromptVersion', 'Custom::PromptAlias', 'AWS::SSM::Parameter']) {
  if (!types.includes(type)) {
    throw new Error(`the synthesized template has no ${type}, but ${types.join(', ')}`);
  }
}
console.log(`synthesized ${types.length} resources from the packed tarball`);
