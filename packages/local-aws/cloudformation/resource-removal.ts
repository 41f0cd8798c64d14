import type { Adversary } from './adversary';
import { reversed } from './dependency-graph';
import type { OperationMoments } from './operation-moments';
import type { ResourceSteps } from './resource-steps';
import { type Failure, walk } from './resource-walk';
import type { Stack } from './stack';
import type { StackResource } from './stack-target';

/** Why resources go: an undone creation ignores RetainExceptOnCreate; in a cleanup a failure is reported and skipped. */
export type Purpose = 'creation' | 'deletion' | 'cleanup' | 'cleanup-of-rollback';

export interface RemovalContext {
  readonly stack: Stack;
  readonly steps: ResourceSteps;
  readonly moments: OperationMoments;
  readonly adversary: Adversary;
}

/** Deletes resources, dependents first; gives those that could not be deleted. */
export async function removeResources(
  records: readonly StackResource[],
  purpose: Purpose,
  context: RemovalContext,
): Promise<Failure[]> {
  // A replaced resource and its successor have one logical id.
  const keyed = new Map(records.map((record) => [`${record.logicalId} ${record.physicalId}`, record]));
  const graph = new Map<string, Set<string>>();
  for (const [key, { dependencies }] of keyed) {
    graph.set(key, new Set([...keyed].filter(([, other]) => dependencies.has(other.logicalId)).map(([k]) => k)));
  }
  const visit = async (key: string) => {
    try {
      await context.moments.during(() => remove(keyed.get(key) as StackResource, purpose, context));
    } catch (error) {
      if (!purpose.startsWith('cleanup')) {
        throw error;
      }
    }
  };
  const failures = await walk(reversed(graph), visit, { adversary: context.adversary, goOn: true });
  return failures.map(({ logicalId: key, error }) => ({ logicalId: keyed.get(key)?.logicalId ?? key, error }));
}

function isKept(policy: StackResource['deletionPolicy'], purpose: Purpose): boolean {
  const undoesCreation = purpose === 'creation' || purpose === 'cleanup-of-rollback';
  return policy === 'Retain' || (policy === 'RetainExceptOnCreate' && !undoesCreation);
}

async function remove(record: StackResource, purpose: Purpose, { stack, steps }: RemovalContext): Promise<void> {
  const { logicalId, deletionPolicy, updateReplacePolicy } = record;
  const isCurrent = stack.resources.get(logicalId)?.physicalId === record.physicalId;
  const policy = isCurrent ? deletionPolicy : updateReplacePolicy;
  const event = (status: string, reason?: string) => stack.addEvent({ ...record, status, reason });
  if (isKept(policy, purpose)) {
    event('DELETE_SKIPPED');
  } else {
    event('DELETE_IN_PROGRESS');
    try {
      await steps.remove(record);
      event('DELETE_COMPLETE');
    } catch (error) {
      const reason = (error as Error).message;
      event('DELETE_FAILED', reason);
      if (isCurrent && purpose.startsWith('cleanup')) {
        stack.resources.delete(logicalId);
      } else if (isCurrent) {
        stack.resources.set(logicalId, { ...record, status: 'DELETE_FAILED', reason });
      }
      throw error;
    }
  }
  if (isCurrent) {
    stack.resources.delete(logicalId);
  }
}
