import type { LedgerRecord } from '../ledger/record';
import { parseReason, type ReleaseReason } from '../release/release-reason';
import { CLOCKS_MS } from './clocks';
import type { LedgerObject } from './evidence';
import type { StackOperations } from './stack-operations';
import { text } from './trail-event';

export interface JoinedOperation {
  readonly operation: string | null;
  readonly reason: string | null;
}

/**
 * Operation and reason of a record. One without an operation was begun without a token, or CloudFormation did not answer
 * when the record was written: then CloudTrail tells which operation of the stack was under way, and the reasons what was
 * said about it.
 */
export function joinedOperation(
  record: Pick<LedgerRecord, 'operation' | 'reason' | 'stackId' | 'time' | 'undo'>,
  operations: StackOperations,
  reasons: readonly LedgerObject[],
): JoinedOperation {
  const { operation, reason, stackId, undo } = record;
  if (operation !== null) return { operation, reason };
  const { events, isTold } = operations.candidates(stackId, record.time, record.time);
  const [event, ...others] = events;
  // One of several would be a guess.
  if (event === undefined || others.length > 0 || !isTold) return { operation, reason };
  const token = text(event.request.clientRequestToken);
  // A reason is given for the way forward.
  if (reason !== null || undo) return { operation: token, reason };
  const isSame = (given: ReleaseReason) =>
    token === null ? given.operation === null && isAt(given.operationTime, event.time) : given.operation === token;
  const said = reasons.flatMap(readable).filter((given) => given.stackId === stackId && isSame(given));
  const newest = said.sort((one, other) => other.time.localeCompare(one.time))[0];
  return { operation: token, reason: newest?.reason ?? null };
}

function isAt(operationTime: string, time: string): boolean {
  return Math.abs(Date.parse(operationTime.replace(/^time:/, '')) - Date.parse(time)) <= CLOCKS_MS;
}

function readable({ body }: LedgerObject): ReleaseReason[] {
  try {
    return body === undefined ? [] : [parseReason(body)];
  } catch {
    return [];
  }
}
