import type {
  CancelUpdateStackCommandInput,
  ContinueUpdateRollbackCommandInput,
  CreateStackCommandInput,
  CreateStackCommandOutput,
  DeleteStackCommandInput,
  UpdateStackCommandInput,
  UpdateStackCommandOutput,
  UpdateTerminationProtectionCommandInput,
  UpdateTerminationProtectionCommandOutput,
} from '@aws-sdk/client-cloudformation';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import type { CloudFormationEngine } from './engine';
import { refuseExpress } from './express';
import { plannedChanges } from './planned-changes';
import { rollbackConfiguration } from './rollback-triggers';
import { requireStable } from './stack-states';
import { validationError } from './validation-error';

const deploymentMembers =
  'StackName TemplateBody TemplateURL UsePreviousTemplate Parameters Capabilities RoleARN NotificationARNs Tags ClientRequestToken DeploymentConfig RollbackConfiguration';

/** The operations that change a stack without a change set. Each answers as soon as its work is begun. */
export function stackOperations(engine: CloudFormationEngine): Record<string, Operation> {
  const { registry } = engine;
  const onStack = (action: string) => (input: { StackName?: string }) => [
    { action: `cloudformation:${action}`, resource: registry.arnOf(input.StackName) },
  ];

  return {
    CreateStack: operation<CreateStackCommandInput, CreateStackCommandOutput>({
      authorize: onStack('CreateStack'),
      run: async (input, call) => {
        supportedMembers(call, input, `${deploymentMembers} EnableTerminationProtection`);
        refuseExpress(input.DeploymentConfig);
        const watched = rollbackConfiguration(input.RollbackConfiguration);
        const stack = registry.create(input.StackName ?? '');
        const target = await engine.target(input, stack, call);
        const work = await engine.operation(stack, target.roleArn, input.ClientRequestToken, call);
        registry.enter(stack);
        stack.isProtected = input.EnableTerminationProtection ?? false;
        void work.create(target, watched);
        return { StackId: stack.id };
      },
    }),
    UpdateStack: operation<UpdateStackCommandInput, UpdateStackCommandOutput>({
      authorize: onStack('UpdateStack'),
      run: async (input, call) => {
        supportedMembers(call, input, deploymentMembers);
        refuseExpress(input.DeploymentConfig);
        const stack = registry.get(input.StackName);
        requireStable(stack);
        const watched = rollbackConfiguration(input.RollbackConfiguration, stack.rollbackConfiguration);
        const target = await engine.target(input, stack, call);
        const own = await engine.rights(target.roleArn, call);
        const { isEmpty } = await plannedChanges(stack, target, engine.evaluationEnvironment(own));
        if (isEmpty) {
          throw validationError('No updates are to be performed.');
        }
        const work = await engine.operation(stack, target.roleArn, input.ClientRequestToken, call);
        requireStable(stack);
        void work.update(target, watched);
        return { StackId: stack.id };
      },
    }),
    DeleteStack: operation<DeleteStackCommandInput, object>({
      authorize: onStack('DeleteStack'),
      run: async (input, call) => {
        supportedMembers(call, input, 'StackName RoleARN ClientRequestToken DeploymentConfig');
        refuseExpress(input.DeploymentConfig);
        const stack = registry.find(input.StackName ?? '');
        if (!stack || stack.deleted) {
          return {};
        }
        if (stack.isProtected) {
          throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
        }
        const roleArn = input.RoleARN ?? stack.target?.roleArn;
        const work = await engine.operation(stack, roleArn, input.ClientRequestToken, call);
        if (stack.operation) {
          throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be deleted.`);
        }
        void work.delete();
        return {};
      },
    }),
    CancelUpdateStack: operation<CancelUpdateStackCommandInput, object>({
      authorize: onStack('CancelUpdateStack'),
      run: (input, call) => {
        supportedMembers(call, input, 'StackName ClientRequestToken');
        const stack = registry.get(input.StackName);
        if (stack.status !== 'UPDATE_IN_PROGRESS') {
          throw validationError('CancelUpdateStack cannot be called from current stack status');
        }
        stack.operation?.cancel();
        return {};
      },
    }),
    ContinueUpdateRollback: operation<ContinueUpdateRollbackCommandInput, object>({
      authorize: onStack('ContinueUpdateRollback'),
      run: async (input, call) => {
        supportedMembers(call, input, 'StackName RoleARN ResourcesToSkip ClientRequestToken');
        const stack = registry.get(input.StackName);
        const { unfinished } = stack;
        const { ResourcesToSkip: skip = [], RoleARN = stack.target?.roleArn } = input;
        if (stack.status !== 'UPDATE_ROLLBACK_FAILED' || !unfinished) {
          throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not continue its rollback.`);
        }
        const notFailed = skip.filter((id) => stack.resources.get(id)?.status !== 'UPDATE_FAILED');
        if (notFailed.length > 0) {
          throw validationError(`Resources [${notFailed.join(', ')}] to skip are not in UPDATE_FAILED state.`);
        }
        const credentials = await engine.rights(RoleARN, call);
        void unfinished.continueRollback(skip, credentials, input.ClientRequestToken);
        return {};
      },
    }),
    UpdateTerminationProtection: operation<
      UpdateTerminationProtectionCommandInput,
      UpdateTerminationProtectionCommandOutput
    >({
      authorize: onStack('UpdateTerminationProtection'),
      run: ({ StackName, EnableTerminationProtection = false }) => {
        const stack = registry.get(StackName);
        stack.isProtected = EnableTerminationProtection;
        return { StackId: stack.id };
      },
    }),
  };
}
