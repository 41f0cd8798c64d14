import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { PROMPT_ALIAS_TYPE } from '../../core/contract/prompt-alias-resource';
import type { RegistryStack } from '../registry-stack';

/** As the constructs have it by default, where another stack's functions do the work. */
const USUAL_SECONDS = 15;

/**
 * Tells once, of the events of a release in their order, that it waits: the policies are changed, and the alias moves once
 * IAM has them everywhere. Going back waits for nothing.
 */
export function waitingText({ propagationSeconds = USUAL_SECONDS }: Pick<RegistryStack, 'propagationSeconds'>) {
  let isOver = propagationSeconds === 0;
  return ({
    ResourceType,
    ResourceStatus,
  }: Pick<StackEvent, 'ResourceType' | 'ResourceStatus'>): string | undefined => {
    if (isOver) return undefined;
    const isWait = ResourceType === PROMPT_ALIAS_TYPE && ResourceStatus === 'UPDATE_IN_PROGRESS';
    isOver = isWait || String(ResourceStatus).startsWith('UPDATE_ROLLBACK');
    return isWait ? `waiting ${propagationSeconds} s for IAM to spread the policy` : undefined;
  };
}
