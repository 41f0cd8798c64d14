import { type CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GATES_VARIABLE } from '../core/contract/handler-environment';
import type { AwsClients } from './aws-clients';
import { CliError } from './cli-error';
import type { DeclaredGating, RegistryStack } from './registry-stack';

/**
 * What a registry of another stack says of approvals, read from its function that plans releases: the function judges by
 * what stands there, and no right on the other stack is needed. Its groups stand elsewhere.
 *
 * @returns undefined where the template does not tell which function that is
 * @throws CliError, and AWS's errors
 */
export async function joinedGating(
  { cloudFormation, lambda }: Pick<AwsClients, 'cloudFormation' | 'lambda'>,
  { planFunction }: Pick<RegistryStack, 'planFunction'>,
): Promise<DeclaredGating | undefined> {
  if (planFunction === undefined) return undefined;
  const FunctionName =
    'arn' in planFunction ? planFunction.arn : await exportedValue(cloudFormation, planFunction.exportName);
  if (FunctionName === undefined) return undefined;
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  // Of an environment that it may not decrypt Lambda says so in place of the variables.
  // https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentError.html
  if (Environment?.Error) {
    throw new CliError({
      what: `the environment of ${FunctionName} cannot be read, in which the gates stand`,
      why: Environment.Error.Message ?? Environment.Error.ErrorCode,
    });
  }
  return { gates: Environment?.Variables?.[GATES_VARIABLE] ?? '{}', groups: undefined };
}

/** By the outputs of all stacks: reviewers may list stacks to find the registry, and need no right on exports. */
async function exportedValue(client: CloudFormationClient, name: string): Promise<string | undefined> {
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    const found = Stacks.flatMap(({ Outputs = [] }) => Outputs).find(({ ExportName }) => ExportName === name);
    if (found) return found.OutputValue;
  }
  return undefined;
}
