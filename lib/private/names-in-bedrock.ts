import { Stack, Token } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { IConstruct } from 'constructs';
import { firstTime } from './app-memory';
import { environmentOf } from './claimed-name';

const isNew = firstTime('namesInBedrock');

/**
 * Fails the synthesis of an app in which two prompts of an account and Region have one name: Bedrock answers
 * ConflictException to the second, no matter who defines it and under which parameter prefix.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_CreatePrompt.html
 *
 * At the end of the synthesis, over the whole app: a `CfnPrompt` of an aspect or another construct counts as well.
 */
export function refuseSecondName(scope: IConstruct): void {
  const { root } = scope.node;
  if (isNew(root)) {
    scope.node.addValidation({ validate: () => secondNames(root) });
  }
}

function secondNames(root: IConstruct): string[] {
  const owners = new Map<string, CfnPrompt[]>();
  for (const prompt of root.node.findAll().filter((construct) => CfnPrompt.isCfnPrompt(construct))) {
    const name = Stack.of(prompt).resolve(prompt.name);
    if (typeof name !== 'string' || Token.isUnresolved(name)) continue;
    const key = `${environmentOf(prompt)} ${name}`;
    owners.set(key, [...(owners.get(key) ?? []), prompt]);
  }
  return [...owners.values()]
    .filter((prompts) => prompts.length > 1)
    .map((prompts) => {
      const [{ name } = { name: '' }] = prompts;
      const paths = prompts.map(({ node }) => (node.id === 'Resource' && node.scope ? node.scope : { node }).node.path);
      return `expected prompts with names of their own, found the name '${name}' at ${paths.join(' and ')}: Bedrock keeps names apart by account and Region only, not by registry or parameter prefix, and would refuse the second in the deployment; give one a bedrockName of its own, or its registry a bedrockNamePrefix`;
    });
}
