import { RegistryError } from '../core/registry-error';

/** Where a prompt lives. */
export interface PromptAddress {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** Without a version: the prompt's draft. */
  readonly arn: string;
}

/** Takes `arn:P:bedrock:R:A:prompt/ID` apart. Throws `InvalidPromptArn`. */
export function promptAddress(arn: string): PromptAddress {
  const parts = /^arn:([^:]+):bedrock:([^:]+):([^:]+):prompt\/[^:/]+$/.exec(arn);
  if (parts === null) {
    throw new RegistryError('InvalidPromptArn', `expected the ARN of a prompt without a version, found '${arn}'`);
  }
  const [, partition = '', region = '', account = ''] = parts;
  return { partition, region, account, arn };
}
