import type {
  DescribeEventsCommandInput,
  DescribeEventsCommandOutput,
  DescribeStackEventsCommandInput,
  DescribeStackEventsCommandOutput,
  DescribeStackResourceCommandInput,
  DescribeStackResourceCommandOutput,
  DescribeStackResourcesCommandInput,
  DescribeStackResourcesCommandOutput,
  DescribeStacksCommandInput,
  DescribeStacksCommandOutput,
  GetTemplateCommandInput,
  GetTemplateCommandOutput,
  GetTemplateSummaryCommandInput,
  GetTemplateSummaryCommandOutput,
  ListExportsCommandOutput,
  ListHookResultsCommandOutput,
  ListImportsCommandInput,
  ListImportsCommandOutput,
  ListStackResourcesCommandInput,
  ListStackResourcesCommandOutput,
  ListStacksCommandInput,
  ListStacksCommandOutput,
  ResourceStatus,
  Stack as StackDescription,
} from '@aws-sdk/client-cloudformation';
import { AwsError, notImplemented } from '../aws-error';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import type { CloudFormationEngine } from './engine';
import { identifierSummaries } from './resource-imports';
import { shownParameters } from './shown-parameters';
import type { Stack } from './stack';
import type { StackResource } from './stack-target';
import { parseTemplate, requiredCapabilities } from './template';
import { validationError } from './validation-error';

/** The operations that only read. */
export function descriptionOperations(engine: CloudFormationEngine): Record<string, Operation> {
  const { registry } = engine;
  const onStack = (action: string) => (input: { StackName?: string }) => [
    { action: `cloudformation:${action}`, resource: registry.arnOf(input.StackName) },
  ];
  const anywhere = (action: string) => () => [{ action: `cloudformation:${action}`, resource: '*' }];

  return {
    DescribeStacks: operation<DescribeStacksCommandInput, DescribeStacksCommandOutput>({
      authorize: onStack('DescribeStacks'),
      run: ({ StackName }) => ({
        Stacks: (StackName === undefined ? registry.existing : [registry.get(StackName)]).map(described),
      }),
    }),
    ListStacks: operation<ListStacksCommandInput, ListStacksCommandOutput>({
      authorize: anywhere('ListStacks'),
      run: ({ StackStatusFilter: wanted = [] }) => ({
        StackSummaries: registry.all
          .map(described)
          .filter(({ StackStatus }) => wanted.length === 0 || wanted.includes(StackStatus as never)),
      }),
    }),
    DescribeStackEvents: operation<DescribeStackEventsCommandInput, DescribeStackEventsCommandOutput>({
      authorize: onStack('DescribeStackEvents'),
      run: ({ StackName }) => ({ StackEvents: [...registry.get(StackName).events].reverse() }),
    }),
    DescribeEvents: operation<DescribeEventsCommandInput, DescribeEventsCommandOutput>({
      authorize: onStack('DescribeEvents'),
      run: (input, call) => {
        supportedMembers(call, input, 'StackName ChangeSetName Filters');
        if (input.ChangeSetName === undefined) {
          throw notImplemented('DescribeEvents without ChangeSetName');
        }
        // Events of a change set come from AWS's early validation and hooks, of which there are none here.
        return { OperationEvents: [] };
      },
    }),
    ListHookResults: operation<object, ListHookResultsCommandOutput>({
      authorize: anywhere('ListHookResults'),
      run: () => ({ HookResults: [] }),
    }),
    DescribeStackResources: operation<DescribeStackResourcesCommandInput, DescribeStackResourcesCommandOutput>({
      authorize: onStack('DescribeStackResources'),
      run: (input, call) => {
        supportedMembers(call, input, 'StackName LogicalResourceId');
        const stack = registry.get(input.StackName);
        const { LogicalResourceId: wanted } = input;
        const resources = wanted === undefined ? [...stack.resources.values()] : [resource(stack, wanted)];
        return {
          StackResources: resources.map((each) => ({ ...placed(stack), ...resourceOf(each), Timestamp: each.time })),
        };
      },
    }),
    DescribeStackResource: operation<DescribeStackResourceCommandInput, DescribeStackResourceCommandOutput>({
      authorize: onStack('DescribeStackResource'),
      run: ({ StackName, LogicalResourceId = '' }) => {
        const stack = registry.get(StackName);
        const found = resource(stack, LogicalResourceId);
        return { StackResourceDetail: { ...placed(stack), ...resourceOf(found), LastUpdatedTimestamp: found.time } };
      },
    }),
    ListStackResources: operation<ListStackResourcesCommandInput, ListStackResourcesCommandOutput>({
      authorize: onStack('ListStackResources'),
      run: ({ StackName }) => ({
        StackResourceSummaries: [...registry.get(StackName).resources.values()].map((each) => ({
          ...resourceOf(each),
          LastUpdatedTimestamp: each.time,
        })),
      }),
    }),
    GetTemplate: operation<GetTemplateCommandInput, GetTemplateCommandOutput>({
      authorize: ({ StackName, ChangeSetName }) => {
        const stack = StackName ?? registry.existing.find(({ changeSets }) => changeSets.has(ChangeSetName ?? ''))?.id;
        return [{ action: 'cloudformation:GetTemplate', resource: registry.arnOf(stack) }];
      },
      run: (input, call) => {
        supportedMembers(call, input, 'StackName ChangeSetName TemplateStage');
        const { StackName, ChangeSetName } = input;
        const stacks = StackName === undefined && ChangeSetName ? registry.existing : [registry.get(StackName)];
        const changeSets = stacks.flatMap((stack) => [...stack.changeSets.values()]);
        const changeSet = changeSets.find(({ id, name }) => [id, StackName && name].includes(ChangeSetName));
        if (ChangeSetName !== undefined && changeSet === undefined) {
          throw new AwsError('ChangeSetNotFound', 404, `ChangeSet [${ChangeSetName}] does not exist`);
        }
        const target = changeSet?.target ?? stacks[0]?.target;
        // No macros here: the processed template is the original.
        return { TemplateBody: target?.templateBody ?? '', StagesAvailable: ['Original', 'Processed'] };
      },
    }),
    GetTemplateSummary: operation<GetTemplateSummaryCommandInput, GetTemplateSummaryCommandOutput>({
      authorize: onStack('GetTemplateSummary'),
      run: (input, call) => {
        supportedMembers(call, input, 'StackName TemplateBody');
        const body = input.TemplateBody ?? registry.get(input.StackName).target?.templateBody ?? '';
        const template = parseTemplate(body);
        return {
          Description: template.Description,
          Capabilities: requiredCapabilities(template),
          ResourceIdentifierSummaries: identifierSummaries(template.Resources),
          ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
          Parameters: Object.entries(template.Parameters ?? {}).map(([ParameterKey, parameter]) => ({
            ...{ ParameterKey, ParameterType: parameter.Type, Description: parameter.Description },
            DefaultValue: parameter.Default === undefined ? undefined : String(parameter.Default),
            NoEcho: String(parameter.NoEcho) === 'true',
          })),
        };
      },
    }),
    ListExports: operation<object, ListExportsCommandOutput>({
      authorize: anywhere('ListExports'),
      run: () => ({
        Exports: registry
          .exports()
          .map(({ stack, name, value }) => ({ ExportingStackId: stack.id, Name: name, Value: value })),
      }),
    }),
    ListImports: operation<ListImportsCommandInput, ListImportsCommandOutput>({
      authorize: anywhere('ListImports'),
      run: ({ ExportName = '' }) => {
        const Imports = registry.importersOf(ExportName);
        if (Imports.length === 0) {
          throw validationError(`Export '${ExportName}' is not imported by any stack.`);
        }
        return { Imports };
      },
    }),
  };
}

function described(stack: Stack): StackDescription {
  const { target } = stack;
  return {
    ...{ StackId: stack.id, StackName: stack.name, ChangeSetId: stack.changeSetId },
    ...{ StackStatus: stack.status, StackStatusReason: stack.statusReason },
    ...{ CreationTime: stack.created, LastUpdatedTime: stack.updated, DeletionTime: stack.deleted },
    ...{ Description: target?.template.Description, RoleARN: target?.roleArn, Outputs: stack.outputs },
    ...{ Parameters: shownParameters(target), Tags: [...(target?.tags ?? [])] },
    ...{ Capabilities: [...(target?.capabilities ?? [])], NotificationARNs: [...(target?.notificationArns ?? [])] },
    ...{ EnableTerminationProtection: stack.isProtected, DisableRollback: false },
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    RollbackConfiguration: stack.rollbackConfiguration,
  };
}

function placed({ id, name }: Stack) {
  return { StackId: id, StackName: name };
}

function resourceOf({ logicalId, physicalId, type, status, reason }: StackResource) {
  return {
    ...{ LogicalResourceId: logicalId, PhysicalResourceId: physicalId, ResourceType: type },
    ...{ ResourceStatus: status as ResourceStatus, ResourceStatusReason: reason },
  };
}

function resource(stack: Stack, logicalId: string): StackResource {
  const found = stack.resources.get(logicalId);
  if (!found) {
    throw validationError(`Resource ${logicalId} does not exist for stack ${stack.name}`);
  }
  return found;
}
