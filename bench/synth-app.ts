// One synth of COUNT prompts of one KIND in a process of its own; prints the milliseconds of processor time
// from the app to the assembly.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as alpha from '@aws-cdk/aws-bedrock-alpha';
import { App, Stack } from 'aws-cdk-lib';
import { CfnPrompt, CfnPromptVersion } from 'aws-cdk-lib/aws-bedrock';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../lib';

const MODEL = 'amazon.nova-pro-v1:0';
const [kind = '', count = ''] = process.argv.slice(2);

const kinds: Record<string, (stack: Stack, name: string, text: string) => void> = {
  registry: (scope, name, text) => {
    const prompt = new Prompt(scope, name, {
      registry: registryOf(scope),
      promptName: name,
      variant: PromptVariant.text({ text, model: MODEL, inference: { temperature: 0.2 } }),
    });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  },
  L1: (scope, name, text) => {
    const variant = {
      name: 'default',
      templateType: 'TEXT',
      templateConfiguration: { text: { text, inputVariables: [{ name: 'topic' }] } },
      modelId: MODEL,
      inferenceConfiguration: { text: { temperature: 0.2 } },
    };
    const prompt = new CfnPrompt(scope, name, { name, defaultVariant: 'default', variants: [variant] });
    new CfnPromptVersion(scope, `${name}-version`, { promptArn: prompt.attrArn });
  },
  alpha: (scope, name, text) => {
    const variant = alpha.PromptVariant.text({
      variantName: 'default',
      model: alpha.BedrockFoundationModel.AMAZON_NOVA_PRO_V1,
      promptText: text,
      promptVariables: ['topic'],
      inferenceConfiguration: alpha.PromptInferenceConfiguration.text({ temperature: 0.2 }),
    });
    new alpha.Prompt(scope, name, { promptName: name, defaultVariant: variant, variants: [variant] }).createVersion();
  },
};

let registry: PromptRegistry | undefined;
function registryOf(scope: Stack): PromptRegistry {
  registry ??= new PromptRegistry(scope, 'Registry');
  return registry;
}

const add = kinds[kind];
if (!add) throw new Error(`expected one of ${Object.keys(kinds).join(', ')}, found ${kind}`);
const outdir = mkdtempSync(join(tmpdir(), 'bench-synth-'));
try {
  const started = process.cpuUsage();
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Prompts', { env: { account: '111122223333', region: 'us-east-1' } });
  for (let index = 1; index <= Number(count); index++) {
    add(
      stack,
      `prompt-${index}`,
      `${'Weigh what is known and say so plainly. '.repeat(50)}Write about {{topic}}, in ${index} words.`,
    );
  }
  app.synth();
  const { user, system } = process.cpuUsage(started);
  console.log((user + system) / 1_000);
} finally {
  rmSync(outdir, { recursive: true });
}
