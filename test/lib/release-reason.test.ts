import { CfnParameter, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { AliasTarget, PromptRegistry } from '../../lib';
import {
  comesBefore,
  ENV,
  idOf,
  newApp,
  onlyResource,
  promptIn,
  registryIn,
  resourcesOf,
  stackIn,
  templateOf,
} from './prompt-app';

function withAliases(stack = stackIn()) {
  const registry = registryIn(stack);
  for (const promptName of ['financial-analysis', 'ticket-triage']) {
    const prompt = promptIn(stack, { registry, promptName });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  }
  return templateOf(stack);
}

describe('the reason of a release', () => {
  it('is one parameter of the stack, which may stay empty', () => {
    const { ReleaseReason } = withAliases().Parameters ?? {};

    expect(ReleaseReason).toMatchObject({ Type: 'String', Default: '', MaxLength: 500 });
    const takes = (text: string) => new RegExp(ReleaseReason.AllowedPattern).test(text);
    expect(['', 'ticket 4711: für Anna'].filter((text) => !takes(text))).toEqual([]);
    expect(['two\nlines', '\u001b[2J', '{{resolve:ssm:/x}}'].filter(takes)).toEqual([]);
  });

  it('is written once, before any alias moves, and after the releaser may', () => {
    const template = withAliases();
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = onlyResource(template, 'Custom::ReleaseReason');
    const id = idOf(template, 'ReleaseReason');
    const aliases = Object.keys(resourcesOf(template, 'Custom::PromptAlias'));

    expect(Properties).toMatchObject({ Schema: '1', Reason: { Ref: 'ReleaseReason' } });
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    expect(aliases).toHaveLength(4);
    expect(aliases.filter((alias) => !comesBefore(template, id, alias))).toEqual([]);
    expect(comesBefore(template, idOf(template, 'ReleaserPrompts'), id)).toBe(true);
  });

  it('is waited for by aliases alone, and stands in no property of theirs', () => {
    const template = withAliases();
    const id = idOf(template, 'ReleaseReason');
    const waiting = Object.values(template.Resources).filter(({ DependsOn = [] }) => [DependsOn].flat().includes(id));

    expect(new Set(waiting.map(({ Type }) => Type))).toEqual(new Set(['Custom::PromptAlias']));
    const others = Object.entries(template.Resources).filter(([other]) => other !== id);
    expect(JSON.stringify(others.map(([, { Properties }]) => Properties))).not.toContain('ReleaseReason');
  });

  it('is not asked for where a stack has no alias', () => {
    const stack = stackIn();
    promptIn(stack);
    expect(templateOf(stack).Parameters?.ReleaseReason).toBeUndefined();
  });

  it('goes to the ledger of each registry whose aliases are in the stack, from one parameter', () => {
    const stack = stackIn();
    for (const stage of ['dev', 'prod']) {
      const registry = new PromptRegistry(stack, stage, { parameterPrefix: `/prompts/${stage}` });
      promptIn(stack, { registry, promptName: `advisor-${stage}` }).addAlias('LIVE');
    }
    const template = templateOf(stack);

    const reasons = Object.values(resourcesOf(template, 'Custom::ReleaseReason'));
    expect(new Set(reasons.map(({ Properties }) => JSON.stringify(Properties.ServiceToken))).size).toBe(2);
    expect(reasons.map(({ Properties }) => Properties.Reason)).toEqual(Array(2).fill({ Ref: 'ReleaseReason' }));
  });

  it('goes to the registry that another app deployed', () => {
    const stack = stackIn();
    const arn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', {
      ...{ parameterPrefix: '/prompts/prod', publisherRoleName: 'publisher', releaserRoleName: 'releaser' },
      handlers: { version: arn('version'), plan: arn('plan'), alias: arn('alias') },
    });
    promptIn(stack, { registry }).addAlias('PROD');

    expect(onlyResource(templateOf(stack), 'Custom::ReleaseReason').Properties.ServiceToken).toBe(arn('alias'));
  });

  it('needs the name of its parameter for itself', () => {
    const stack = new Stack(newApp(), 'Prompts', { env: ENV });
    new CfnParameter(stack, 'ReleaseReason');
    expect(() => withAliases(stack)).toThrow(/ReleaseReason/);
  });
});
