import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { describe, expect, it, vi } from 'vitest';
import {
  AliasTarget,
  LangfuseEndpoint,
  ModelLifecycleWatch,
  PromptAuditTrail,
  PromptEvaluator,
  PromptRegistry,
} from '../../lib';
import { newApp, promptIn, stackIn } from './prompt-app';

/** Synthesizes an app with a registry and two aliases; `spoil` may put a fault beside them. */
function synthesize(spoil?: (alias: { parameterName: string }, stack: ReturnType<typeof stackIn>) => void) {
  const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
  const stack = stackIn(app);
  const reviewers = { measured: [] };
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', reviewers });
  const prompt = promptIn(stack, { registry });
  const candidate = prompt.addAlias('STAGING');
  const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  new LangfuseEndpoint(stack, 'Langfuse', { registry: prompt.registry, aliases: [prod] }).addKey('Key', {
    read: [prod],
  });
  new PromptAuditTrail(stack, 'Audit', { registries: [prompt.registry] });
  const suites = [{ prompt, candidate, live: prod, suite: 'prompts/financial-analysis.eval.yaml' }];
  new PromptEvaluator(stack, 'Quality', { registry, group: 'measured', suites });
  new ModelLifecycleWatch(stack, 'Watch', { registry });
  spoil?.(prod, stack);
  app.synth();
}

describe('the CloudFormation rules inside aws-cdk-lib', () => {
  it('pass the template, and refuse one with a second parameter of an alias name', () => {
    vi.stubEnv('CDK_VALIDATION', undefined);
    expect(synthesize).not.toThrow();
    const spoil = ({ parameterName }: { parameterName: string }, stack: ReturnType<typeof stackIn>) =>
      void new CfnParameter(stack, 'Twin', { name: parameterName, type: 'String', value: 'x' });
    expect(() => synthesize(spoil)).toThrow(/Twin/);
  });

  it('pass a prompt that speaks of placeholders of CloudFormation', () => {
    vi.stubEnv('CDK_VALIDATION', undefined);
    const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
    const stack = stackIn(app);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation's
    promptIn(stack, { text: { text: 'Write a template with ${AWS::Region} for {{ticker}}' } });
    expect(() => app.synth()).not.toThrow();
  });
});
