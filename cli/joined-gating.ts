import { type CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GATES_VARIABLE } from '../core/contract/handler-environment';
import type { AwsClients } from './aws-clients';
import type { DeclaredGating, RegistryStack } from './registry-stack';
import { GatesUnknown } from './reviews/gates-unknown';

/**
 * What a registry of another stack says of approvals, read from its function that plans releases: the function judges by
 * what stands there, and no right on the other stack is needed. Its groups stand elsewhere.
 *
 * @returns undefined where the template does not tell which function that is
 * @throws GatesUnknown, and AWS's errors
 */
export async function joinedGating(
  { cloudFormation, lambda }: Pick<AwsClients, 'cloudFormation' | 'lambda'>,
  { stackName, planFunction }: Pick<RegistryStack, 'stackName' | 'planFunction'>,
): Promise<DeclaredGating | undefined> {
  if (planFunction === undefined) return undefined;
  const FunctionName =
    'arn' in planFunction ? planFunction.arn : await exportedValue(cloudFormation, planFunction.exportName);
  if (FunctionName === undefined) return undefined;
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName })).catch((error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    const why = `${FunctionName}, which plans its releases, is not there: ${error.message}`;
    throw new GatesUnknown(stackName, { why, fix: 'deploy the registry, then this stack' }, error);
  });
  // Of an environment that it may not decrypt Lambda says so in place of the variables.
  // https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentError.html
  if (Environment?.Error) {
    const { Message, ErrorCode } = Environment.Error;
    const why = `the environment of ${FunctionName} cannot be read, in which they stand: ${Message ?? ErrorCode}`;
    throw new GatesUnknown(stackName, { why });
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
