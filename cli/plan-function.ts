import { type CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { AwsClients } from './aws-clients';
import type { CliErrorParts } from './cli-error';
import type { RegistryStack } from './registry-stack';

/** Only CloudFormation knows which function it is. */
export const NOT_NAMED = {
  why: 'its template does not say which function plans its releases',
  fix: 'give handlers of fromAttributes() as ARNs, parameters or exports of another stack',
};

/** What the function that plans releases works with, or why that is not known. */
export type PlanFunctionReading =
  | { readonly variables: Readonly<Record<string, string>> }
  | { readonly problem: Omit<CliErrorParts, 'what'>; readonly cause?: unknown };

/**
 * The environment of the function that plans the releases of a stack. Of a registry of another stack it says what the
 * function goes by, and no right on that stack is needed.
 *
 * @throws AWS's errors
 */
export async function readPlanFunction(
  { cloudFormation, lambda }: Pick<AwsClients, 'cloudFormation' | 'lambda'>,
  planFunction: RegistryStack['planFunction'],
): Promise<PlanFunctionReading> {
  const FunctionName = planFunction && (await arnOf(cloudFormation, planFunction));
  if (FunctionName === undefined) return { problem: NOT_NAMED };
  try {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    // Of an environment that it may not decrypt Lambda says so in place of the variables.
    // https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentError.html
    if (!Environment?.Error) return { variables: Environment?.Variables ?? {} };
    const { Message, ErrorCode } = Environment.Error;
    return { problem: { why: `the environment of ${FunctionName} cannot be read: ${Message ?? ErrorCode}` } };
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ResourceNotFoundException') throw cause;
    const why = `${FunctionName}, which plans its releases, is not there: ${cause.message}`;
    return { problem: { why, fix: 'deploy the registry, then this stack' }, cause };
  }
}

/** Exports by the outputs of all stacks: reviewers may list stacks to find the registry, and need no right on exports. */
async function arnOf(
  client: CloudFormationClient,
  planFunction: NonNullable<RegistryStack['planFunction']>,
): Promise<string | undefined> {
  if ('arn' in planFunction) return planFunction.arn;
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    const outputs = Stacks.flatMap(({ Outputs = [] }) => Outputs);
    const found = outputs.find(({ ExportName }) => ExportName === planFunction.exportName);
    if (found) return found.OutputValue;
  }
  return undefined;
}
