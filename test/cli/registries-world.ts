import { Duration, type Stack } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { startCommand } from './command-process';

/** Prompts by the name of their stack; the stack's name is the last part of its prefix as well. */
export type Registries = Readonly<Record<string, readonly string[]>>;

/** Several registries of one account and Region. Each prompt has STAGING, which follows the text, and PROD, which moves by parameter. */
export class RegistriesWorld {
  private constructor(
    readonly aws: LocalAws,
    private readonly deployer: StackDeployer,
  ) {}

  static async start(options: LocalAwsOptions = {}): Promise<RegistriesWorld> {
    const aws = await startLocalAws(options);
    return new RegistriesWorld(aws, new StackDeployer(aws));
  }

  /** Deploys each with these texts one after the other, all prompts of a stack alike. */
  async deploy(registries: Registries, texts: readonly string[]): Promise<void> {
    for (const [name, prompts] of Object.entries(registries)) {
      for (const text of texts) await this.deployer.deployStack(name, (stack) => fillRegistry(stack, prompts, text));
    }
  }

  async run(args: string, environment: NodeJS.ProcessEnv = {}) {
    const from = this.aws.calls.length;
    const finished = await startCommand(args.split(' '), { ...this.aws.environment(), ...environment }).finished;
    return { ...finished, calls: this.aws.calls.slice(from) };
  }

  /** Settings of an SDK client of the operator. */
  client() {
    const { endpoint, region, operator } = this.aws;
    return { endpoint, region, credentials: operator };
  }
}

/** One registry: each prompt with STAGING and PROD. */
export function fillRegistry(stack: Stack, prompts: readonly string[], text: string): void {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: `/prompts/${stack.stackName}`,
    policyPropagation: Duration.seconds(1),
  });
  for (const promptName of prompts) {
    const variant = PromptVariant.text({ text: `${text} ${promptName}`, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, promptName, { registry, promptName, variant });
    // Bedrock's names are unique in account and Region.
    const resource = prompt.node.findAll().find((one) => one instanceof CfnPrompt) as CfnPrompt;
    resource.addPropertyOverride('Name', `${stack.stackName}-${promptName}`);
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  }
}
