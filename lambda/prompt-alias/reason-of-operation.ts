import { errorCode } from '../error-code';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import { ReasonLog } from '../release-reason/reason-log';
import type { StackOperation } from '../stack-operation';

export interface ReasonDeps {
  readonly store: ObjectStore;
  readonly stack: StackOperation;
  readonly log: Log;
}

/**
 * What was said about this operation of the stack; null where nothing was.
 *
 * A reason that cannot be read does not stop a release: the record names the operation, the words stay in the bucket under
 * the same name, and an alias that waits for a repair may be the repair.
 */
export async function reasonOfOperation(
  stackId: string,
  operation: string | null,
  { store, stack, log }: ReasonDeps,
): Promise<string | null> {
  try {
    const newest = await new ReasonLog(store, stackId).newest();
    if (newest === undefined || newest.stackId !== stackId || newest.operation !== operation) return null;
    const isSame = operation !== null || newest.operationTime === (await stack.operationTime(stackId));
    return isSame ? newest.reason : null;
  } catch (error) {
    log('WARN', 'reason not read', { error: errorCode(error) });
    return null;
  }
}
