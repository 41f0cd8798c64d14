import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { PROMPT_NAME } from '../../core/contract/names';
import { constructError } from './construct-error';

/** Known at synth, because two prompts of one name are refused there. */
export function checkedBedrockName(scope: IConstruct, name: string): string {
  return checked(scope, name, "a prompt's name in Bedrock");
}

export function checkedBedrockNamePrefix(scope: IConstruct, prefix: string | undefined): string | undefined {
  return prefix === undefined || prefix === '' ? undefined : checked(scope, prefix, 'a bedrockNamePrefix');
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_CreatePrompt.html */
function checked(scope: IConstruct, name: string, what: string): string {
  if (!Token.isUnresolved(name) && PROMPT_NAME.test(name)) return name;
  const found = Token.isUnresolved(name) ? 'a token: write it out' : `${JSON.stringify(name)}: choose another one`;
  throw constructError(
    scope,
    'InvalidPromptName',
    `expected ${what} of 1 to 100 letters and digits, each followed by at most one _ or -, found ${found}`,
  );
}
