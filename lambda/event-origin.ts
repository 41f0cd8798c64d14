import { isAccessError } from '../core/contract/access-error';
import { RegistryError } from '../core/registry-error';
import { askAgain } from './ask-again';
import type { Clock } from './clock';
import type { CustomResourceEvent } from './custom-resource-event';
import { errorCode } from './error-code';
import type { Log } from './log';
import { sameProperties } from './same-properties';
import { isRollback, type StackOperation, type WantedResource } from './stack-operation';

export interface EventOriginDeps {
  readonly stack: StackOperation;
  readonly clock: Clock;
  readonly log: Log;
}

/** 20 seconds: CloudFormation writes the stack's event before it calls the handler, and does not say when it shows. */
const PAUSES_MS = [1_000, 1_000, 2_000, 3_000, 3_000, 5_000, 5_000];
/** The same by the clock, where answers are slow or do not come: a handler has to end within its Lambda time-out. */
const LONGEST_MS = 20_000;
/** A stack that rests may have begun a moment ago: AWS does not say that a read sees a change at once. */
const RESTING_LOOKS = 3;

/**
 * `lambda:InvokeFunction` alone must not release or publish: an event that goes forward counts only where its stack is
 * about to do just that.
 *
 * @throws RegistryError `NotInProgress`, `LateRelease` where the stack goes back, or what CloudFormation answered instead
 */
export async function wantedForward(
  event: CustomResourceEvent,
  { stack, clock }: Omit<EventOriginDeps, 'log'>,
  isShown = ({ properties }: WantedResource) =>
    properties !== undefined && sameProperties(properties, event.ResourceProperties),
): Promise<WantedResource> {
  const { StackId, LogicalResourceId } = event;
  const start = clock.now();
  let trouble: unknown;
  let resting = 0;
  for (const pause of [...PAUSES_MS, undefined]) {
    try {
      trouble = undefined;
      const wanted = await stack.wanted(StackId, LogicalResourceId);
      if (wanted !== undefined && isShown(wanted)) return wanted;
      const status = await stack.status(StackId);
      resting = isBusy(status) ? 0 : resting + 1;
      const isSettled = isBusy(status) || resting === RESTING_LOOKS;
      if (isSettled && isRollback(status)) throw lateRelease(event, status);
      // Nothing that could still show.
      if (resting === RESTING_LOOKS) break;
    } catch (error) {
      // Retried by whoever called: a permission that was just granted takes longer than this.
      if (isAccessError(error) || error instanceof RegistryError) throw error;
      trouble = error;
    }
    if (pause === undefined || clock.now() - start > LONGEST_MS) break;
    await clock.sleep(pause);
  }
  if (trouble !== undefined) throw trouble;
  throw new RegistryError(
    'NotInProgress',
    `expected the events of ${StackId} to show ${LogicalResourceId} in progress with the properties of this event, found no such event: it was not sent by CloudFormation, or comes too late; deploy again`,
  );
}

/** The event was sent on the way forward, and its stack goes back already. */
export function lateRelease({ LogicalResourceId }: CustomResourceEvent, status: string): RegistryError {
  return new RegistryError(
    'LateRelease',
    `the stack is in ${status}: what ${LogicalResourceId} was to do was given up; deploy again`,
  );
}

/** `taken`: its stack is about to do this. `unknown`: CloudFormation does not answer, and going back is never blocked. */
export type Origin = 'taken' | 'unknown' | 'refused';

/**
 * Whether an event that goes back, or a Delete, is to be believed: one of the stack that the chain's newest record is of,
 * while that stack shows the resource in progress. A chain that nobody holds any more takes it from any stack that does.
 */
export async function originOfBack(
  event: CustomResourceEvent,
  newest: { readonly stackId?: string; readonly to: unknown } | undefined,
  deps: EventOriginDeps,
): Promise<Origin> {
  const { stack, clock, log } = deps;
  // A record that does not tell its stack cannot keep any from going back.
  const holder = newest?.to ? newest.stackId : undefined;
  if (holder !== undefined && holder !== event.StackId) {
    try {
      if (!isGone(await askAgain(() => stack.status(holder), clock))) return 'refused';
    } catch (error) {
      log('WARN', 'stack of the newest record not read', { error: errorCode(error) });
      // A stack that is gone took the permission to describe it along, so the event's own stack has to show it. Any other
      // trouble tells nothing, and of a chain that another stack moved last there is nothing for this one to undo.
      if (!isAccessError(error)) return 'refused';
    }
  }
  return originInStack(event, holder === event.StackId, deps);
}

/** The same by the event's stack alone. `isOwn`: it is known to be the registry's. */
export async function originInStack(
  event: CustomResourceEvent,
  isOwn: boolean,
  { stack, clock, log }: EventOriginDeps,
): Promise<Origin> {
  const { StackId, LogicalResourceId } = event;
  const start = clock.now();
  let resting = 0;
  for (const pause of [...PAUSES_MS, undefined]) {
    const isLast = () => pause === undefined || clock.now() - start > LONGEST_MS;
    try {
      if ((await stack.wanted(StackId, LogicalResourceId)) !== undefined) return 'taken';
      resting = isBusy(await stack.status(StackId)) ? 0 : resting + 1;
      if (resting === RESTING_LOOKS || isLast()) return 'refused';
    } catch (error) {
      const isForeign = isAccessError(error) && !isOwn;
      if (isForeign) return 'refused';
      if (isLast()) {
        log('WARN', 'stack events not read', { requestId: event.RequestId, error: errorCode(error) });
        return 'unknown';
      }
    }
    await clock.sleep(pause ?? 0);
  }
  return 'unknown';
}

function isBusy(status: string): boolean {
  return status.endsWith('_IN_PROGRESS');
}

function isGone(status: string): boolean {
  return status === '' || status === 'DELETE_COMPLETE';
}
