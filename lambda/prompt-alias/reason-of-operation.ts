import { askAgain } from '../ask-again';
import type { HandlerClock } from '../clock';
import { errorCode } from '../error-code';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import { ReasonLog } from '../release-reason/reason-log';
import type { StackOperation } from '../stack-operation';

export interface ReasonDeps {
  readonly store: ObjectStore;
  readonly stack: StackOperation;
  readonly clock: HandlerClock;
  readonly log: Log;
}

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
  return askAgain(() => readReason(stackId, operation, deps), deps.clock).catch((error: unknown) => {
    deps.log('WARN', 'reason not read', { error: errorCode(error) });
    return null;
  });
}

async function readReason(stackId: string, operation: string | null, { store, stack }: ReasonDeps) {
  const newest = await new ReasonLog(store, stackId).newest();
  if (newest === undefined || newest.stackId !== stackId || newest.operation !== operation) return null;
  const isSame = operation !== null || newest.operationTime === (await stack.operationTime(stackId));
  return isSame ? newest.reason : null;
}
