import { join } from 'node:path';
import { App, DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

export const STACK = 'Prompts';

interface Options {
  readonly text: string;
  /** Whether a resource fails after all aliases have moved. */
  readonly failing: boolean;
  /** Whether aliases other than STAGING have a gate. @default false */
  readonly gated?: boolean;
  /** Whether PROD has a rollout. @default false */
  readonly rolling?: boolean;
}

/** The same app with whichever version of the package `lib` is. */
export function fill(stack: Stack, lib: typeof import('../../lib'), { text, failing, gated, rolling }: Options): void {
  const registry = new lib.PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/test',
    policyPropagation: Duration.seconds(0),
    ...(gated && {
      reviewers: { authors: [roleOf(stack, 'Author')], risk: [roleOf(stack, 'Risk')] },
      gates: { '*': [lib.Gate.approval({ askedBy: 'authors', by: 'risk' })], STAGING: [] },
    }),
  });
  for (const promptName of ['advisor', 'sorter']) {
    const variant = lib.PromptVariant.text({ text, model: 'us.amazon.nova-pro-v1:0' });
    const prompt = new lib.Prompt(stack, promptName, { registry, promptName, variant });
    const aliases = [
      prompt.addAlias('STAGING'),
      prompt.addAlias('PROD', { target: lib.AliasTarget.parameter(), ...(rolling && rollingOptions(lib)) }),
    ];
    if (failing) {
      const refused = new CfnParameter(stack, `Refused${promptName}`, {
        type: 'String',
        value: 'x',
        allowedPattern: '^y$',
      });
      refused.node.addDependency(...aliases);
    }
  }
}

/** The registry alone, for prompts of other stacks. */
export function fillPlatform(stack: Stack, lib: typeof import('../../lib'), more: { rollouts?: object } = {}): void {
  const policyPropagation = Duration.seconds(0);
  new lib.PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/platform', policyPropagation, ...more });
}

export function rollingOptions(lib: typeof import('../../lib')) {
  return { callableVersions: 3, rollout: lib.Rollout.steps([50], { bake: Duration.minutes(1) }) };
}

const roleOf = ({ account }: Stack, name: string) => `arn:aws:iam::${account}:role/${name}`;

/** As a program, in a folder that holds the package: synthesizes the app with that package into the folder it is given. */
function main([outdir = '', text = '', failing = '']: string[]): void {
  const app = new App({ outdir, analyticsReporting: false });
  const synthesizer = new DefaultStackSynthesizer({
    fileAssetsBucketName: 'assets-of-the-tests',
    generateBootstrapVersionRule: false,
  });
  const env = { account: '111122223333', region: 'us-east-1' };
  const lib = require(join(process.cwd(), 'lib')) as typeof import('../../lib');
  const stack = new Stack(app, STACK, { synthesizer, env });
  if (text === '') fillPlatform(stack, lib);
  else fill(stack, lib, { text, failing: failing === 'failing' });
  app.synth();
}

if (require.main === module) main(process.argv.slice(2));
