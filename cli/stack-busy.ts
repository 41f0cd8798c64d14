import { isAtWork, isReady } from './release/stack-readiness';

/**
 * What keeps a stack from a release now; undefined where nothing does.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
export function busyText(stackStatus: string): string | undefined {
  if (isReady({ status: stackStatus })) return undefined;
  if (/CLEANUP_IN_PROGRESS$/.test(stackStatus)) return 'an update is through, and CloudFormation cleans up after it';
  if (stackStatus === 'DELETE_IN_PROGRESS') return 'CloudFormation is deleting the stack';
  if (stackStatus === 'ROLLBACK_IN_PROGRESS') return 'the first deploy failed, and CloudFormation is rolling it back';
  if (/ROLLBACK_IN_PROGRESS$/.test(stackStatus)) return 'an update failed, and CloudFormation is rolling it back';
  if (isAtWork({ status: stackStatus })) return 'a release or another update is under way';
  if (stackStatus === 'UPDATE_ROLLBACK_FAILED')
    return 'an update failed, and so did its rollback: aws cloudformation continue-update-rollback goes on with it';
  return 'the stack takes no update in this state';
}
