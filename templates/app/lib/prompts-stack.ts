import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from 'cdk-prompt-registry';
import type { Construct } from 'constructs';
import type { Environment } from './environment';

const FOLDER = join(__dirname, '../prompts');

/** The registry and a prompt for each file in prompts/, in a stack of their own: nothing else can fail a release. */
export class PromptsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { parameterPrefix, bedrockNamePrefix, alias }: Environment,
    props?: StackProps,
  ) {
    super(scope, id, props);
    const registry = new PromptRegistry(this, 'Registry', { parameterPrefix, bedrockNamePrefix });
    // `_style.prompt` would be a part of others.
    for (const file of readdirSync(FOLDER).filter((name) => /^[^_].*\.prompt$/.test(name))) {
      const prompt = new Prompt(this, file, { registry, variant: PromptVariant.fromFile(join(FOLDER, file)) });
      prompt.addAlias('STAGING');
      if (alias === 'PROD') prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    }
  }
}
