import { join } from 'node:path';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';
const SCHEMA = { type: 'object', properties: { n: { type: 'integer', maximum: 5 } }, required: ['n'] };

/** A stack with one of everything that a registry puts into templates, by whichever version of the package `lib` is. */
export function synthesized(lib: typeof import('../../lib'), outdir?: string): Stack {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Prompts', {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    env: { account: '111122223333', region: 'us-east-1' },
  });
  const registry = new lib.PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod' });
  const advisor = new lib.Prompt(stack, 'Advisor', {
    ...{ registry, promptName: 'advisor', encryptionKey: { keyRef: { keyArn: KEY, keyId: KEY } } as never },
    variant: lib.PromptVariant.chat({
      messages: [lib.PromptMessage.user('Explain {{ticker}}')],
      tools: [lib.PromptTool.function({ name: 'look_up', inputSchema: SCHEMA })],
      model: 'us.amazon.nova-pro-v1:0',
    }),
  });
  const sorter = new lib.Prompt(stack, 'Sorter', {
    ...{ registry, promptName: 'sorter' },
    variant: lib.PromptVariant.text({ text: 'Sort {{ticket}}', model: 'amazon.nova-lite-v1:0' }),
  });
  const aliases = [
    advisor.addAlias('STAGING'),
    advisor.addAlias('PROD', { target: lib.AliasTarget.parameter(), callableVersions: 3 }),
    sorter.addAlias('PROD', { target: lib.AliasTarget.version(1) }),
  ];
  for (const alias of aliases) void alias.readerPolicy;
  new lib.CombinedCallerPolicy(stack, 'Combined', { aliases, managedPolicyName: 'support' });
  new lib.CallableVersionsGuard(stack, 'Guard', { aliases });
  return stack;
}

/** As a program, in a folder that holds the package: into the folder it is given. */
function main([outdir = '']: string[]): void {
  const stack = synthesized(require(join(process.cwd(), 'lib')) as typeof import('../../lib'), outdir);
  (stack.node.root as App).synth();
}

if (require.main === module) main(process.argv.slice(2));
