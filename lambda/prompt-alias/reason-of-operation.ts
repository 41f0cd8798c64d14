import type { Clock } from '../clock';
import { errorCode } from '../error-code';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import { ReasonLog } from '../release-reason/reason-log';
import type { StackOperation } from '../stack-operation';

export interface ReasonDeps {
  readonly store: ObjectStore;
  readonly stack: StackOperation;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a permission has not spread yet, or S3 has a bad moment. */
const TRIES = 3;
const PAUSE_MS = 1_000;

/**
 * What was said about this operation of the stack; null where nothing was.
 *
 * A reason that cannot be read, tried three times, does not stop a release: the record names the operation, the words
 * stay in the bucket under the same name, and an alias that waits for a repair may be the repair.
 */
export async function reasonOfOperation(
  stackId: string,
  operation: string | null,
  deps: ReasonDeps,
): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readReason(stackId, operation, deps);
    } catch (error) {
      if (attempt === TRIES) {
        deps.log('WARN', 'reason not read', { error: errorCode(error) });
        return null;
      }
      await deps.clock.sleep(PAUSE_MS);
    }
  }
}

async function readReason(stackId: string, operation: string | null, { store, stack }: ReasonDeps) {
  const newest = await new ReasonLog(store, stackId).newest();
  if (newest === undefined || newest.stackId !== stackId || newest.operation !== operation) return null;
  const isSame = operation !== null || newest.operationTime === (await stack.operationTime(stackId));
  return isSame ? newest.reason : null;
}
