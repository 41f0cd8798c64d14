import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
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
    for (const file of promptFiles()) {
      const prompt = new Prompt(this, file, { registry, variant: PromptVariant.fromFile(join(FOLDER, file)) });
      prompt.addAlias('STAGING');
      if (alias === 'PROD') prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    }
  }
}

/** As `npm run types` finds them: those in folders too; `_style.prompt` would be a part of others. */
function promptFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.prompt') && !basename(file).startsWith('_'))
    .filter((file) => !statSync(join(FOLDER, file)).isDirectory());
}
