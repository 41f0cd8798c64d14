import type { Tag } from '@aws-sdk/client-cloudformation';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';

export const PREFIX = '/prompts/test';
export const STACK = 'Prompts-test';

/** What the stack holds at one deployment. */
export interface WorldApp {
  readonly text: string;
  /** Adds resources of its own to the stack. */
  readonly extra?: (stack: Stack) => void;
  /** Writes the template in another way. */
  readonly rewrite?: (template: string) => string;
  readonly tags?: Tag[];
}

/** An AWS on this machine with one registry: prompt `advisor`, STAGING follows its text, PROD moves by parameter, FIXED is pinned to 1. */
export class RegistryWorld {
  private readonly deployer: StackDeployer;

  private constructor(readonly aws: LocalAws) {
    this.deployer = new StackDeployer(aws);
  }

  static async start(options: LocalAwsOptions = {}): Promise<RegistryWorld> {
    return new RegistryWorld(await startLocalAws(options));
  }

  stop(): Promise<void> {
    return this.aws.stop();
  }

  /** Deploys as `cdk deploy` would, without its process: parameters keep their values. */
  async deploy(app: WorldApp, parameters: Record<string, string> = {}): Promise<void> {
    const template = await this.deployer.synthesize(STACK, (stack) => fill(stack, app));
    await this.deployer.deployTemplate(STACK, app.rewrite?.(template) ?? template, { parameters, tags: app.tags });
  }

  stack() {
    return this.deployer.stack(STACK);
  }

  /** Waits until nothing is in progress; answers the status. */
  settled(): Promise<string> {
    return this.deployer.settled(STACK);
  }
}

function fill(stack: Stack, { text, extra }: WorldApp): void {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: PREFIX,
    policyPropagation: Duration.seconds(0),
  });
  const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0', inference: { temperature: 0.2 } });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  prompt.addAlias('FIXED', { target: AliasTarget.version(1) });
  extra?.(stack);
}
