import {
  type CloudFormationClient,
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { logicalId } from '../core/names';
import { CliError } from './cli-error';
import type { RegistryStack } from './registry-stack';
import { readRegistryTemplate } from './registry-template';

export interface StackChoice {
  readonly stackName?: string;
  /** Where the stack has no ledger of its own, because its prompts join another stack's registry. */
  readonly ledgerBucket?: string;
}

/**
 * The registry's stack: the named one, or the only one of the Region that has aliases.
 *
 * Every stack with an alias has a parameter for withdrawn versions, so that one DescribeStacks tells candidates apart.
 *
 * @throws CliError where there is none, or where several would do
 */
export async function findRegistryStack(client: CloudFormationClient, choice: StackChoice): Promise<RegistryStack> {
  const found = choice.stackName ? await describe(client, choice.stackName) : await search(client);
  const stack = await readStack(client, found, choice.ledgerBucket);
  if (stack) return stack;
  throw new CliError({
    what: `stack ${found.StackName} is not a prompt registry`,
    why: 'it has no Custom::PromptAlias',
    fix: 'name the stack that defines the aliases with --stack, or leave --stack out to have it found',
  });
}

async function describe(client: CloudFormationClient, stackName: string): Promise<Stack> {
  for await (const { Stacks } of paginateDescribeStacks({ client }, { StackName: stackName })) {
    if (Stacks?.[0]) return Stacks[0];
  }
  throw new CliError({ what: `no stack ${stackName}` });
}

async function search(client: CloudFormationClient): Promise<Stack> {
  const candidates: Stack[] = [];
  for await (const { Stacks } of paginateDescribeStacks({ client }, {})) {
    candidates.push(...(Stacks ?? []).filter(hasWithdrawnParameter));
  }
  const region = await client.config.region();
  if (candidates.length === 0) {
    throw new CliError({
      what: `no prompt registry in ${region}`,
      why: 'no stack of this account and Region has an alias of a prompt',
      fix: 'check --region and --profile; a registry is deployed with cdk deploy',
    });
  }
  if (candidates.length > 1) {
    throw new CliError({
      what: `${candidates.length} prompt registries in ${region}`,
      fix: candidates.map(({ StackName }) => `--stack ${StackName}`).sort(),
    });
  }
  return candidates[0] as Stack;
}

function hasWithdrawnParameter({ Parameters, StackStatus }: Stack): boolean {
  const isThere = StackStatus !== 'DELETE_COMPLETE' && StackStatus !== 'REVIEW_IN_PROGRESS';
  return isThere && (Parameters ?? []).some(({ ParameterKey }) => ParameterKey?.endsWith('WithdrawnVersions'));
}

async function readStack(
  client: CloudFormationClient,
  stack: Stack,
  bucket?: string,
): Promise<RegistryStack | undefined> {
  const StackName = stack.StackId ?? stack.StackName;
  const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }));
  const template = readRegistryTemplate(TemplateBody);
  const { parameterPrefix } = template;
  if (parameterPrefix === undefined) return undefined;
  const resources = new Map<string, { type: string; physicalId: string }>();
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId } of page.StackResourceSummaries ?? []) {
      if (PhysicalResourceId) resources.set(LogicalResourceId, { type: ResourceType, physicalId: PhysicalResourceId });
    }
  }
  for (const [promptName, promptId] of template.promptIds) {
    const id = logicalId(parameterPrefix, promptName, undefined, 'Prompt');
    if (!resources.has(id)) resources.set(id, { type: 'AWS::Bedrock::Prompt', physicalId: promptId });
  }
  const own = resources.get(logicalId(parameterPrefix, undefined, undefined, 'Ledger'))?.physicalId;
  const ledgerBucket = bucket ?? own;
  if (ledgerBucket === undefined) {
    throw new CliError({
      what: `stack ${stack.StackName} has no ledger of its own`,
      why: 'its prompts join the registry of another stack',
      fix: 'name the bucket of that registry with --ledger-bucket',
    });
  }
  return {
    stackId: stack.StackId ?? '',
    stackName: stack.StackName ?? '',
    status: stack.StackStatus ?? '',
    parameters: stack.Parameters ?? [],
    capabilities: stack.Capabilities ?? [],
    tags: stack.Tags ?? [],
    notificationArns: stack.NotificationARNs ?? [],
    ...{ parameterPrefix, ledgerBucket, aliases: template.aliases, resources },
  };
}
