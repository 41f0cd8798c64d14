import type { ReleaseReasonProperties } from '../../core/contract/release-reason-resource';
import { RegistryError } from '../../core/registry-error';
import { isShownAs } from '../../core/text/shown-text';
import { askAgain } from '../ask-again';
import type { Attributes } from '../attributes';
import type { HandlerClock } from '../clock';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode } from '../error-code';
import { wantedForward } from '../event-origin';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import { optionalTextProperty } from '../property';
import { isRollingBack, type StackOperation, type WantedResource } from '../stack-operation';
import { ReasonLog } from './reason-log';

export interface ReleaseReasonDeps {
  readonly store: ObjectStore;
  readonly stack: StackOperation;
  readonly clock: HandlerClock;
  readonly log: Log;
}

/**
 * Writes down why a stack operation was started, for the aliases that move in it.
 *
 * CloudFormation repeats a parameter silently, but sends this event only where it changed: the event says that the
 * words are about this operation. A reason that cannot be written stops the deployment before any alias moved; on the way
 * back nothing is written, and nothing fails.
 */
export async function handleReleaseReason(event: CustomResourceEvent, deps: ReleaseReasonDeps): Promise<Attributes> {
  const reason = optionalTextProperty<ReleaseReasonProperties>(event.ResourceProperties, 'Reason', '');
  const before = optionalTextProperty<ReleaseReasonProperties>(event.OldResourceProperties, 'Reason', '');
  if (event.RequestType === 'Delete' || reason.trim() === '' || reason === before) return {};

  const log = new ReasonLog(deps.store, event.StackId);
  if (await log.has(event.RequestId)) return {};
  const wanted = await forward(event, reason, deps);
  if (wanted === undefined) return {};
  const { operation } = wanted;
  const operationTime = await askAgain(() => deps.stack.operationTime(event.StackId), deps.clock);
  const entry = { operation, operationTime, reason, requestId: event.RequestId };
  const outcome = await log.append(entry, deps.clock.now());
  deps.log('INFO', `reason ${outcome}`, { operation, requestId: event.RequestId });
  return {};
}

/** The operation that this event is about; undefined where the stack goes back, or where the event is an earlier operation's. */
async function forward(
  event: CustomResourceEvent,
  reason: string,
  { stack, clock, log }: ReleaseReasonDeps,
): Promise<WantedResource | undefined> {
  const { StackId, RequestType, RequestId } = event;
  try {
    if (isRollingBack(await askAgain(() => stack.status(StackId), clock))) return undefined;
    return await wantedForward(event, { stack, clock }, ({ properties }) => {
      const shown = properties?.Reason;
      return properties === undefined || (typeof shown === 'string' && isShownAs(reason, shown));
    });
  } catch (error) {
    if (error instanceof RegistryError) {
      log('WARN', 'reason of another operation, not written', { requestId: RequestId });
      return undefined;
    }
    // A Create only goes forward; an Update that cannot be told from a rollback must not hold the rollback up. If it goes
    // forward, its aliases are refused: they need the same answer.
    if (RequestType === 'Create') throw error;
    log('WARN', 'direction not known, reason not written', { requestId: RequestId, error: errorCode(error) });
    return undefined;
  }
}
