import { type DependencyGraph, restrictedTo, reversed } from './dependency-graph';
import { type RemovalContext, removeResources } from './resource-removal';
import { isCustomResource } from './resource-types';
import { type Failure, listed, walk } from './resource-walk';
import type { EvaluatedTarget } from './stack-evaluation';
import type { Properties, StackResource, StackTarget } from './stack-target';

export interface StateBefore {
  readonly target: StackTarget;
  readonly resources: ReadonlyMap<string, StackResource>;
}

const skipped = 'Resource skipped during UpdateRollback';

/** Takes a failed update back: what was touched is put back, then what was made is deleted. Can be taken up again. */
export class StackRollback {
  /** New physical resources whose replacement was undone. */
  private readonly superseded: StackResource[] = [];
  private readonly attributes: 'stored' | 'fresh';
  private readonly order: 'dependencies-first' | 'dependents-first';

  constructor(
    private readonly before: StateBefore,
    /** Updates that were begun and are not yet put back; others are left alone. */
    private readonly touched: Set<string>,
    private readonly created: ReadonlySet<string>,
    { stack, adversary }: RemovalContext,
  ) {
    this.attributes = adversary.attributesOnRollback();
    // Attributes can only be read again from dependencies that are back already.
    this.order = this.attributes === 'fresh' ? 'dependencies-first' : adversary.rollbackOrder();
    for (const [logicalId, resource] of before.resources) {
      if (!touched.has(logicalId)) {
        stack.resources.set(logicalId, resource);
      }
    }
  }

  async run(evaluated: EvaluatedTarget, skip: readonly string[], context: RemovalContext): Promise<boolean> {
    const { stack, moments, adversary } = context;
    for (const logicalId of skip) {
      const { physicalId } = stack.resources.get(logicalId) as StackResource;
      stack.setResource({ ...this.old(logicalId), physicalId, status: 'UPDATE_COMPLETE', reason: skipped });
      this.touched.delete(logicalId);
    }
    const graph = restrictedTo(evaluated.graph, this.touched);
    const ordered: DependencyGraph = this.order === 'dependents-first' ? reversed(graph) : graph;
    const visit = (logicalId: string) => moments.during(() => this.putBack(logicalId, evaluated, context));
    const failures: Failure[] = await walk(ordered, visit, { adversary });
    if (failures.length > 0) {
      stack.setStatus('UPDATE_ROLLBACK_FAILED', listed('update', failures));
      return false;
    }
    stack.setStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    const made = [...this.created].flatMap((logicalId) => stack.resources.get(logicalId) ?? []);
    await removeResources([...this.superseded, ...made], 'cleanup-of-rollback', context);
    stack.setStatus('UPDATE_ROLLBACK_COMPLETE');
    return true;
  }

  private async putBack(logicalId: string, evaluated: EvaluatedTarget, context: RemovalContext): Promise<void> {
    const { stack, steps } = context;
    const old = this.old(logicalId);
    const current = stack.resources.get(logicalId) as StackResource;
    stack.setResource({ ...current, status: 'UPDATE_IN_PROGRESS', reason: undefined });
    try {
      const isFresh = this.attributes === 'fresh';
      const wanted = isFresh
        ? await evaluated.resolve(evaluated.resources.get(logicalId)?.Properties ?? {})
        : old.properties;
      const properties = wanted as Properties;
      const isReplaced = current.physicalId !== old.physicalId && !isCustomResource(current.type);
      const { physicalId, attributes } = isReplaced ? old : await steps.putBack(current, properties);
      if (physicalId !== current.physicalId) {
        this.superseded.push({ ...current, updateReplacePolicy: current.deletionPolicy });
      }
      stack.setResource({ ...old, properties, physicalId, attributes, status: 'UPDATE_COMPLETE', reason: undefined });
      this.touched.delete(logicalId);
    } catch (error) {
      stack.setResource({ ...current, status: 'UPDATE_FAILED', reason: (error as Error).message });
      throw error;
    }
  }

  private old(logicalId: string): StackResource {
    return this.before.resources.get(logicalId) as StackResource;
  }
}
