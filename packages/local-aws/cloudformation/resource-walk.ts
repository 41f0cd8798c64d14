import type { Adversary } from './adversary';
import type { DependencyGraph } from './dependency-graph';

export interface Failure {
  readonly logicalId: string;
  readonly error: Error;
}

/**
 * Visits resources, each after those it needs, independent ones at the same time. After a failure nothing new starts and
 * `onFailure` is called once; those that run are waited for. With `goOn` only what needs a failed one is left out.
 */
export async function walk(
  graph: DependencyGraph,
  visit: (logicalId: string) => Promise<void>,
  { adversary, onFailure, goOn = false }: { adversary: Adversary; onFailure?: () => void; goOn?: boolean },
): Promise<Failure[]> {
  const waiting = new Set(graph.keys());
  const done = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures: Failure[] = [];
  const start = (logicalId: string) => {
    waiting.delete(logicalId);
    const visited = visit(logicalId).then(
      () => void done.add(logicalId),
      (error: Error) => {
        failures.push({ logicalId, error });
        if (failures.length === 1) {
          onFailure?.();
        }
      },
    );
    running.set(
      logicalId,
      visited.finally(() => running.delete(logicalId)),
    );
  };
  for (;;) {
    while (failures.length === 0 || goOn) {
      const ready = [...waiting].filter((id) => [...(graph.get(id) ?? [])].every((needed) => done.has(needed)));
      const next = ready.length > 0 ? adversary.choose(ready, running.size) : undefined;
      if (next === undefined) {
        break;
      }
      start(next);
    }
    if (running.size === 0) {
      return failures;
    }
    await Promise.race(running.values());
  }
}

/** The sentence with which a stack's status names what failed. */
export function listed(verb: string, failures: readonly Failure[]): string {
  return `The following resource(s) failed to ${verb}: [${failures.map(({ logicalId }) => logicalId).join(', ')}]. `;
}
