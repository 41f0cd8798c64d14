import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';
import type { RegistryStack } from '../registry-stack';
import { stackCommand } from './stack-command';

const READY = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/** Whether the stack takes an update now. */
export function isReady({ status }: Pick<RegistryStack, 'status'>): boolean {
  return READY.includes(status);
}

/** Whether CloudFormation is at work on the stack, in either direction. */
export function isAtWork({ status }: Pick<RegistryStack, 'status'>): boolean {
  return status.endsWith('_IN_PROGRESS');
}

/**
 * Refuses a stack that takes no update now, and says which line gets it out of there.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 * @throws CliError with exit code 3
 */
export function checkReady(stack: Pick<RegistryStack, 'stackName' | 'stackId' | 'status'>): void {
  if (isReady(stack)) return;
  throw new CliError(blocked(stack), ExitCode.StackBlocked);
}

function blocked(stack: Parameters<typeof checkReady>[0]) {
  const { stackName, status } = stack;
  const command = (verb: string) => stackCommand(verb, stack);
  const what = `stack ${stackName} is ${status}: it takes no release now`;
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return {
      what,
      why: 'an update failed, and putting things back failed as well',
      fix: [command('continue-update-rollback'), "once what stopped it is mended; the stack's events name it"],
    };
  }
  if (status === 'UPDATE_IN_PROGRESS') {
    return {
      what,
      why: 'somebody else is updating it',
      fix: [`wait: ${command('wait stack-update-complete')}`, `or stop that update: ${command('cancel-update-stack')}`],
    };
  }
  if (isAtWork(stack)) {
    return { what, why: 'CloudFormation is at work on it', fix: 'wait until it is done, then try again' };
  }
  return { what, why: 'a stack in this state cannot be updated', fix: 'deploy it again with cdk deploy' };
}
