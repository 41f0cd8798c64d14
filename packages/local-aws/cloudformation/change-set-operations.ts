import { randomUUID } from 'node:crypto';
import type {
  Change,
  CreateChangeSetCommandInput,
  CreateChangeSetCommandOutput,
  DeleteChangeSetCommandInput,
  DescribeChangeSetCommandInput,
  DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommandInput,
  ExecutionStatus,
  ListChangeSetsCommandInput,
  ListChangeSetsCommandOutput,
  ResourceToImport,
} from '@aws-sdk/client-cloudformation';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import type { ChangeSet, ChangeSetOptions } from './change-set';
import type { CloudFormationEngine } from './engine';
import { refuseExpress } from './express';
import { plannedChanges } from './planned-changes';
import { resourceImports } from './resource-imports';
import { rollbackConfiguration } from './rollback-triggers';
import { shownParameters } from './shown-parameters';
import type { Stack } from './stack';
import type { StackOperation } from './stack-operation';
import { requireStable } from './stack-states';
import type { ResourceImport, StackTarget } from './stack-target';
import { validationError } from './validation-error';

const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

const unusable = { changes: [], status: 'FAILED', executionStatus: 'UNAVAILABLE' } as const;

export function changeSetOperations(engine: CloudFormationEngine): Record<string, Operation> {
  const { registry } = engine;
  const onStack = (action: string) => (input: { StackName?: string; ChangeSetName?: string }) => {
    const stack =
      input.StackName ?? registry.existing.find(({ changeSets }) => changeSets.has(input.ChangeSetName ?? ''))?.id;
    return [{ action: `cloudformation:${action}`, resource: registry.arnOf(stack) }];
  };

  const find = ({ StackName, ChangeSetName = '' }: { StackName?: string; ChangeSetName?: string }) => {
    const stacks = StackName === undefined ? registry.existing : [registry.get(StackName)];
    for (const stack of stacks) {
      for (const changeSet of stack.changeSets.values()) {
        if (changeSet.id === ChangeSetName || (StackName !== undefined && changeSet.name === ChangeSetName)) {
          return { stack, changeSet };
        }
      }
    }
    return undefined;
  };

  const get = (input: { StackName?: string; ChangeSetName?: string }) => {
    const found = find(input);
    if (!found) {
      throw new AwsError('ChangeSetNotFound', 404, `ChangeSet [${input.ChangeSetName}] does not exist`);
    }
    return found;
  };

  const create = async (input: CreateChangeSetCommandInput, call: Call): Promise<{ Id: string; StackId: string }> => {
    supportedMembers(
      call,
      input,
      'StackName ChangeSetName ChangeSetType Description ClientToken TemplateBody TemplateURL UsePreviousTemplate Parameters Capabilities RoleARN NotificationARNs Tags IncludeNestedStacks DeploymentConfig ImportExistingResources ResourcesToImport RollbackConfiguration OnStackFailure DeploymentMode',
    );
    refuseExpress(input.DeploymentConfig);
    const {
      StackName = '',
      ChangeSetName: name = '',
      ChangeSetType: type = 'UPDATE',
      ClientToken: clientToken,
    } = input;
    // `cdk bootstrap` asks for ImportExistingResources: here a resource that exists makes the creation fail.
    if (type !== 'IMPORT' && input.ResourcesToImport?.length) {
      throw validationError('ResourcesToImport can only be specified for change sets of type IMPORT');
    }
    const stack = stackFor(StackName, type, name);
    const known = stack.changeSets.get(name);
    if (known && clientToken !== undefined && known.clientToken === clientToken) {
      return { Id: known.id, StackId: stack.id };
    }
    if (known) {
      throw new AwsError('AlreadyExistsException', 400, `ChangeSet ${name} already exists for stack ${stack.name}`);
    }
    rollbackConfiguration(input.RollbackConfiguration);
    const target = await engine.target(input, stack, call);
    const imports = type === 'IMPORT' ? await importsFor(input.ResourcesToImport ?? [], stack, target, call) : [];
    if (!registry.find(stack.id)) {
      registry.enter(stack);
      stack.setStatus('REVIEW_IN_PROGRESS', 'User Initiated');
    }
    const id = `${stack.id.replace(/:stack\/.*/, '')}:changeSet/${name}/${randomUUID()}`;
    const plan =
      type === 'IMPORT' ? await importPlan(imports, stack, target, call) : await planFor(stack, target, call);
    stack.changeSets.set(name, {
      ...{ id, name, type, clientToken, target, imports, description: input.Description, created: call.time },
      ...{ revision: stack.revision, ...plan, options: optionsOf(input) },
    });
    return { Id: id, StackId: stack.id };
  };

  /** Change sets are made at once here; in AWS it takes seconds. */
  const planFor = async (stack: Stack, target: ChangeSet['target'], call: Call) => {
    try {
      const environment = engine.evaluationEnvironment(await engine.rights(target.roleArn, call));
      const { changes, isEmpty } = await plannedChanges(stack, target, environment);
      return isEmpty
        ? { ...unusable, statusReason: noChanges }
        : ({ changes, status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' } as const);
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ValidationError') {
        return { ...unusable, statusReason: error.message };
      }
      throw error;
    }
  };

  const importsFor = async (
    listed: readonly ResourceToImport[],
    stack: Stack,
    target: StackTarget,
    call: Call,
  ): Promise<ResourceImport[]> => {
    const environment = engine.evaluationEnvironment(await engine.rights(target.roleArn, call));
    return resourceImports(listed, stack, target, (await plannedChanges(stack, target, environment)).changes);
  };

  /** An import that names nothing, or what a stack has, is accepted as a change set and then fails. */
  const importPlan = async (imports: readonly ResourceImport[], stack: Stack, target: StackTarget, call: Call) => {
    const credentials = await engine.rights(target.roleArn, call);
    const changes: Change[] = [];
    for (const each of imports) {
      const named = { LogicalResourceId: each.logicalId, ResourceType: each.type };
      try {
        const PhysicalResourceId = await engine.lookUp(each, stack, credentials);
        const owner = registry.existing.find(({ resources }) => {
          return [...resources.values()].some((one) => one.type === each.type && one.physicalId === PhysicalResourceId);
        });
        if (owner) throw new Error(`${PhysicalResourceId} already exists in stack ${owner.id}`);
        const change = { Action: 'Import' as const, ...named, PhysicalResourceId, Scope: [], Details: [] };
        changes.push({ Type: 'Resource', ResourceChange: change });
      } catch (error) {
        if (error instanceof AwsError && error.status === 501) throw error;
        return { ...unusable, statusReason: (error as Error).message };
      }
    }
    return { changes, status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' } as const;
  };

  const stackFor = (nameOrId: string, type: 'CREATE' | 'UPDATE' | 'IMPORT', changeSetName: string): Stack => {
    const found = registry.find(nameOrId);
    if (type === 'IMPORT' && found) {
      requireStable(found, type);
      return found;
    }
    if (type === 'UPDATE') {
      const stack = registry.get(nameOrId);
      requireStable(stack);
      return stack;
    }
    if (found && found.status !== 'REVIEW_IN_PROGRESS') {
      throw validationError(
        `Stack [${found.name}] already exists and cannot be created again with the changeSet [${changeSetName}].`,
      );
    }
    if (found) {
      return found;
    }
    return registry.create(nameOrId);
  };

  return {
    CreateChangeSet: operation<CreateChangeSetCommandInput, CreateChangeSetCommandOutput>({
      authorize: onStack('CreateChangeSet'),
      run: create,
    }),
    DescribeChangeSet: operation<DescribeChangeSetCommandInput, DescribeChangeSetCommandOutput>({
      authorize: onStack('DescribeChangeSet'),
      run: (input, call) => {
        supportedMembers(call, input, 'StackName ChangeSetName IncludePropertyValues');
        const { stack, changeSet } = get(input);
        const { target } = changeSet;
        const Changes = changeSet.changes.map(({ Type, ResourceChange }) => {
          const { BeforeContext: _, AfterContext: __, ...plain } = ResourceChange ?? {};
          return { Type, ResourceChange: input.IncludePropertyValues ? ResourceChange : plain };
        });
        return {
          ...{ ...summary(stack, changeSet), Changes, Parameters: shownParameters(target) },
          ...{ Capabilities: [...target.capabilities], Tags: [...target.tags] },
          NotificationARNs: [...target.notificationArns],
          ...changeSet.options,
        };
      },
    }),
    ListChangeSets: operation<ListChangeSetsCommandInput, ListChangeSetsCommandOutput>({
      authorize: onStack('ListChangeSets'),
      run: ({ StackName }) => {
        const stack = registry.get(StackName);
        return { Summaries: [...stack.changeSets.values()].map((changeSet) => summary(stack, changeSet)) };
      },
    }),
    DeleteChangeSet: operation<DeleteChangeSetCommandInput, object>({
      authorize: onStack('DeleteChangeSet'),
      run: (input, call) => {
        supportedMembers(call, input, 'StackName ChangeSetName');
        const found = find(input);
        if (found?.changeSet.executionStatus === 'EXECUTE_IN_PROGRESS') {
          throw invalidStatus(found.stack, found.changeSet, 'deleted');
        }
        found?.stack.changeSets.delete(found.changeSet.name);
        return {};
      },
    }),
    ExecuteChangeSet: operation<ExecuteChangeSetCommandInput, object>({
      authorize: onStack('ExecuteChangeSet'),
      run: async (input, call) => {
        supportedMembers(
          call,
          { ...input, DisableRollback: input.DisableRollback || undefined },
          'StackName ChangeSetName ClientRequestToken',
        );
        const { stack, changeSet } = get(input);
        const { ClientRequestToken: token } = input;
        if (token !== undefined && token === stack.operation?.token && stack.changeSetId === changeSet.id) {
          return {};
        }
        refuseOptions(changeSet, input);
        const work = await engine.operation(stack, changeSet.target.roleArn, token, call);
        if (executionStatus(stack, changeSet) !== 'AVAILABLE') {
          throw invalidStatus(stack, changeSet, 'executed');
        }
        requireStable(stack, changeSet.type);
        changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
        stack.changeSetId = changeSet.id;
        const done = carriedOut(changeSet, work, stack);
        void done.then(() => {
          const isDone = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'].includes(stack.status);
          changeSet.executionStatus = isDone ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
        });
        return {};
      },
    }),
  };
}

function carriedOut({ type, target, imports, options }: ChangeSet, work: StackOperation, stack: Stack): Promise<void> {
  if (type === 'IMPORT') return work.import(target, imports);
  const watched = rollbackConfiguration(options.RollbackConfiguration, stack.rollbackConfiguration);
  return type === 'CREATE' ? work.create(target, watched) : work.update(target, watched);
}

function optionsOf({
  RollbackConfiguration,
  OnStackFailure,
  ImportExistingResources,
  IncludeNestedStacks,
  DeploymentMode,
}: CreateChangeSetCommandInput): ChangeSetOptions {
  return {
    ...(RollbackConfiguration && { RollbackConfiguration }),
    ...(OnStackFailure && { OnStackFailure }),
    ...(ImportExistingResources && { ImportExistingResources }),
    ...(IncludeNestedStacks && { IncludeNestedStacks }),
    ...(DeploymentMode && { DeploymentMode }),
  };
}

/** Such a change set can be made and described; what it says is not done here. */
function refuseOptions({ options }: ChangeSet, { DisableRollback }: ExecuteChangeSetCommandInput): void {
  const { OnStackFailure, DeploymentMode } = options;
  if (OnStackFailure !== undefined && DisableRollback !== undefined) {
    throw validationError('DisableRollback cannot be specified where the change set specifies OnStackFailure');
  }
  if (OnStackFailure === 'DO_NOTHING' || OnStackFailure === 'DELETE' || DeploymentMode !== undefined) {
    throw notImplemented('deployments without rollback, and those that revert drift');
  }
}

/** Any operation since makes a change set stale. */
function executionStatus({ revision }: Stack, changeSet: ChangeSet): ExecutionStatus {
  const isStale = changeSet.executionStatus === 'AVAILABLE' && changeSet.revision !== revision;
  return isStale ? 'OBSOLETE' : changeSet.executionStatus;
}

function summary(stack: Stack, changeSet: ChangeSet) {
  const { id, name, description, created, status, statusReason } = changeSet;
  return {
    ...{ StackId: stack.id, StackName: stack.name, ChangeSetId: id, ChangeSetName: name, Description: description },
    ...{ CreationTime: created, Status: status, StatusReason: statusReason, IncludeNestedStacks: false },
    ExecutionStatus: executionStatus(stack, changeSet),
  };
}

function invalidStatus(stack: Stack, changeSet: ChangeSet, verb: string): AwsError {
  const current = executionStatus(stack, changeSet);
  const message = `ChangeSet [${changeSet.id}] cannot be ${verb} in its current execution status of [${current}]`;
  return new AwsError('InvalidChangeSetStatus', 400, message);
}
