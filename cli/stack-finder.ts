import {
  type CloudFormationClient,
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { isAccessError } from '../core/contract/access-error';
import { logicalId } from '../core/contract/names';
import type { AwsClients } from './aws-clients';
import { CliError } from './cli-error';
import type { RegistryNames } from './completion/registry-names';
import { declaredGuardrails } from './declared-guardrails';
import { grouped } from './grouped';
import { joinedLedger } from './joined-ledger';
import { noSuchPrompt } from './no-such-prompt';
import type { RegistryStack } from './registry-stack';
import { declaredLedger, planFunctionOf, type RegistryTemplate, readRegistryTemplate } from './registry-template';
import { stackCommand } from './release/stack-command';
import { SeveralRegistries } from './several-registries';

type StackClients = Pick<AwsClients, 'cloudFormation' | 'lambda'>;

export interface StackChoice {
  readonly stackName?: string;
  /** Of several registries, the one that has this prompt. */
  readonly promptName?: string;
  /** The ledger; where it is left out, the stack's own, or that of the registry that its prompts join. */
  readonly ledgerBucket?: string;
}

/**
 * The registry's stack: the named one, or the only one of the Region that has aliases.
 *
 * Which stack is a registry, its custom resources tell. All of a Region's templates would be too much to read: every stack
 * with an alias has a parameter for withdrawn versions, so that one DescribeStacks tells which templates are worth reading.
 *
 * @throws CliError where there is none, or where several would do
 */
export async function findRegistryStack(clients: StackClients, choice: StackChoice): Promise<RegistryStack> {
  const { cloudFormation } = clients;
  const { stack, template } = choice.stackName
    ? await named(cloudFormation, choice.stackName)
    : await search(cloudFormation, choice.promptName);
  return readStack(clients, stack, template, choice.ledgerBucket);
}

/** A stack that may be a registry: `read` tells. */
export interface PossibleRegistry {
  readonly stackName: string;
  /** Undefined where it is none. @throws CliError, and AWS's errors */
  read(): Promise<RegistryStack | undefined>;
}

/** The stacks of the Region that may be registries, by name, or the named one; none of their templates is read yet. */
export async function possibleRegistries(
  clients: StackClients,
  { stackName, ledgerBucket }: Omit<StackChoice, 'promptName'>,
): Promise<PossibleRegistry[]> {
  if (stackName) {
    return [{ stackName, read: async () => findRegistryStack(clients, { stackName, ledgerBucket }) }];
  }
  const { cloudFormation } = clients;
  return (await stacksWithWithdrawnParameter(cloudFormation)).map((stack) => ({
    stackName: stack.StackName ?? '',
    read: async () => {
      const template = await registryTemplate(cloudFormation, stack);
      return template && readStack(clients, stack, template, ledgerBucket);
    },
  }));
}

/** What the registries of the Region are called, and their prompts and aliases. */
export async function registryNames(client: CloudFormationClient): Promise<RegistryNames[]> {
  const { candidates } = await candidatesOfRegion(client);
  return candidates.map(({ stack, template }) => {
    const byPrompt = [...grouped(template.aliases, ({ promptName }) => promptName)];
    const prompts = byPrompt.map(([name, aliases]) => [name, aliases.map(({ aliasName }) => aliasName)] as const);
    return { stack: stack.StackName ?? '', prompts: Object.fromEntries(prompts) };
  });
}

/** The same stack as it is now. */
export function readStackAgain(
  clients: StackClients,
  { stackId, ledgerBucket }: RegistryStack,
): Promise<RegistryStack> {
  return findRegistryStack(clients, { stackName: stackId, ledgerBucket });
}

/** A stack as CloudFormation describes it now. @throws CliError where there is none */
export async function describeStack(client: CloudFormationClient, stackName: string): Promise<Stack> {
  for await (const { Stacks } of paginateDescribeStacks({ client }, { StackName: stackName })) {
    if (Stacks?.[0]) return Stacks[0];
  }
  throw new CliError({ what: `no stack ${stackName}` });
}

interface Candidate {
  readonly stack: Stack;
  readonly template: RegistryTemplate;
}

async function named(client: CloudFormationClient, stackName: string): Promise<Candidate> {
  const stack = await describeStack(client, stackName);
  const template = await registryTemplate(client, stack);
  const { StackName: name = '', StackId: stackId = '' } = stack;
  if (stack.StackStatus === 'ROLLBACK_COMPLETE') {
    throw new CliError({
      what: `stack ${name} could not be created, and was rolled back`,
      why: 'CloudFormation updates no such stack',
      fix: [
        `see what failed: ${stackCommand('describe-stack-events', { stackName: name, stackId })}`,
        'delete the stack, then deploy again',
      ],
    });
  }
  if (template) return { stack, template };
  throw new CliError({
    what: `stack ${stack.StackName} is not a prompt registry`,
    why: 'it has no Custom::PromptAlias',
    fix: 'name the stack that defines the aliases with --stack, or leave --stack out to have it found',
  });
}

async function search(client: CloudFormationClient, promptName?: string): Promise<Candidate> {
  const { candidates, refusal } = await candidatesOfRegion(client);
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  const region = await client.config.region();
  if (only && promptName === undefined) throw several('prompt registries', candidates, region);
  if (only && promptName !== undefined) {
    const namesOf = ({ template }: Candidate) => template.aliases.map((alias) => alias.promptName);
    const withPrompt = candidates.filter((candidate) => namesOf(candidate).includes(promptName));
    const [found] = withPrompt;
    if (found && withPrompt.length === 1) return found;
    if (found) throw several(`prompt registries with a prompt ${promptName}`, withPrompt, region);
    const names = [...new Set(candidates.flatMap(namesOf))].sort();
    throw noSuchPrompt(promptName, `the ${candidates.length} prompt registries in ${region}`, names);
  }
  if (refusal) throw refusal;
  throw noRegistry(region);
}

function several(what: string, candidates: readonly Candidate[], region: string): CliError {
  const names = candidates.map(({ stack }) => stack.StackName ?? '').sort();
  return new SeveralRegistries(what, names, region);
}

/** The end of a search that found nothing. */
export function noRegistry(region: string): CliError {
  return new CliError({
    what: `no prompt registry in ${region}`,
    why: 'no stack of this account and Region has an alias of a prompt',
    fix: 'check --region and --profile; a registry is deployed with cdk deploy',
  });
}

/** The registries of the Region; and why some stack could not be looked into. */
async function candidatesOfRegion(client: CloudFormationClient) {
  const candidates: Candidate[] = [];
  let refusal: unknown;
  const read = async (stack: Stack) => {
    try {
      const template = await registryTemplate(client, stack);
      if (template) candidates.push({ stack, template });
    } catch (error) {
      // Another team's stack, which this person may not look into or nobody can read, keeps nobody from their own.
      if (!isOthersStack(error)) throw error;
      refusal = error;
    }
  };
  await Promise.all((await stacksWithWithdrawnParameter(client)).map(read));
  return { candidates, refusal };
}

/** Whether a stack could not be looked into for its own sake: the others can be shown all the same. */
export function isOthersStack(error: unknown): boolean {
  return isAccessError(error) || error instanceof CliError;
}

/** By name. */
async function stacksWithWithdrawnParameter(client: CloudFormationClient): Promise<Stack[]> {
  const found: Stack[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    found.push(...Stacks.filter(hasWithdrawnParameter));
  }
  return found.sort((a, b) => ((a.StackName ?? '') < (b.StackName ?? '') ? -1 : 1));
}

/**
 * Deleted, never executed, or rolled back as it was created: what is left of the last can only be deleted.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-events-status-codes
 */
const NOT_THERE: readonly string[] = ['DELETE_COMPLETE', 'REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'];

function hasWithdrawnParameter({ Parameters, StackStatus }: Stack): boolean {
  return (
    !NOT_THERE.includes(StackStatus ?? '') &&
    (Parameters ?? []).some(({ ParameterKey }) => ParameterKey?.endsWith('WithdrawnVersions'))
  );
}

/** When the stack's last operation began, ISO 8601. */
export function changedAt({ LastUpdatedTime, CreationTime }: Pick<Stack, 'LastUpdatedTime' | 'CreationTime'>): string {
  return (LastUpdatedTime ?? CreationTime)?.toISOString() ?? '';
}

/** What the stack's template says of a registry; undefined where it has none. */
async function registryTemplate(client: CloudFormationClient, stack: Stack): Promise<RegistryTemplate | undefined> {
  const StackName = stack.StackId ?? stack.StackName;
  const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }));
  const template = readRegistryTemplate(TemplateBody);
  return template.parameterPrefix === undefined ? undefined : template;
}

async function readStack(
  clients: StackClients,
  stack: Stack,
  template: RegistryTemplate,
  bucket?: string,
): Promise<RegistryStack> {
  const { parameterPrefix = '' } = template;
  const resources = await resourcesOf(clients.cloudFormation, stack, template);
  const parameters = (stack.Parameters ?? []).map(
    ({ ParameterKey = '', ParameterValue = '', ResolvedValue = ParameterValue }) =>
      [ParameterKey, ResolvedValue] as const,
  );
  const { StackId: stackId = '', StackName: stackName = '' } = stack;
  const facts = { stackId, stackName, parameters: new Map(parameters), resources, template: template.resources };
  const planFunction = planFunctionOf(facts);
  const own = resources.get(logicalId(parameterPrefix, undefined, undefined, 'Ledger'))?.physicalId;
  const ledgerBucket = bucket ?? own;
  const registry =
    ledgerBucket === undefined
      ? await joinedLedger(clients, { stackName, planFunction })
      : { ledgerBucket, gating: template.gating };
  return {
    stackId: stack.StackId ?? '',
    stackName: stack.StackName ?? '',
    status: stack.StackStatus ?? '',
    changed: changedAt(stack),
    parameters: stack.Parameters ?? [],
    capabilities: stack.Capabilities ?? [],
    tags: stack.Tags ?? [],
    notificationArns: stack.NotificationARNs ?? [],
    rollback: stack.RollbackConfiguration,
    roleArn: stack.RoleARN,
    updated: stack.LastUpdatedTime,
    parameterPrefix,
    ...registry,
    aliases: template.aliases,
    resources,
    policies: template.policies,
    propagationSeconds: template.propagationSeconds,
    planFunction,
    ledger: declaredLedger(parameterPrefix, facts),
    guardrails: declaredGuardrails(parameterPrefix, template.aliases, facts),
  };
}

/** The stack's resources by logical id, and the prompts that it adopted as if they were its own. */
async function resourcesOf(
  client: CloudFormationClient,
  stack: Stack,
  { parameterPrefix = '', promptIds }: RegistryTemplate,
): Promise<Map<string, { type: string; physicalId: string }>> {
  const StackName = stack.StackId ?? stack.StackName;
  const resources = new Map<string, { type: string; physicalId: string }>();
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId } of page.StackResourceSummaries ?? []) {
      if (PhysicalResourceId) resources.set(LogicalResourceId, { type: ResourceType, physicalId: PhysicalResourceId });
    }
  }
  for (const [promptName, promptId] of promptIds) {
    const id = logicalId(parameterPrefix, promptName, undefined, 'Prompt');
    if (!resources.has(id)) resources.set(id, { type: 'AWS::Bedrock::Prompt', physicalId: promptId });
  }
  return resources;
}
