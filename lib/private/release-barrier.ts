import type { CustomResource } from 'aws-cdk-lib';
import { type CfnResource, CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const ID = 'PromptReleaseBarrier';

/**
 * What every alias of a stack waits for: that every plan of the stack agreed.
 *
 * A handle because it has no properties, is never updated and costs nothing. One resource instead of a dependency of
 * every alias on every plan, which for 80 aliases would be a quarter of a template's size.
 */
export function releaseBarrier(scope: Construct): CfnWaitConditionHandle {
  const stack = Stack.of(scope);
  const present = stack.node.tryFindChild(ID) as CfnWaitConditionHandle | undefined;
  if (present !== undefined) {
    return present;
  }
  const barrier = new CfnWaitConditionHandle(stack, ID);
  barrier.overrideLogicalId(ID);
  return barrier;
}

export function addPlan(barrier: CfnWaitConditionHandle, plan: CustomResource): void {
  barrier.addResourceDependency(plan.node.defaultChild as CfnResource);
}
