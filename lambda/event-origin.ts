import { isAccessError } from '../core/contract/access-error';
import { RegistryError } from '../core/registry-error';
import { askAgain } from './ask-again';
import type { HandlerClock } from './clock';
import type { CustomResourceEvent } from './custom-resource-event';
import { errorCode } from './error-code';
import type { Log } from './log';
import { sameProperties } from './same-properties';
import { isRollback, isRollingBack, type StackOperation, type WantedResource } from './stack-operation';

export interface EventOriginDeps {
  readonly stack: StackOperation;
  readonly clock: HandlerClock;
  readonly log: Log;
}

/** 20 seconds: CloudFormation writes the stack's event before it calls the handler, and does not say when it shows. */
const PAUSES_MS = [1_000, 1_000, 2_000, 3_000, 3_000, 5_000, 5_000];
/** The same by the clock, where answers are slow or do not come: a handler has to end within its Lambda time-out. */
const LONGEST_MS = 20_000;
/** A stack that rests may have begun a moment ago: AWS does not say that a read sees a change at once. */
const RESTING_LOOKS = 3;

/** What came of looking at a stack: the resource as it was asked for, the stack's status without it, or no answer. */
interface Sight {
  readonly wanted?: WantedResource;
  readonly status?: string;
  readonly trouble?: unknown;
}

interface Looks {
  readonly isShown: (wanted: WantedResource) => boolean | Promise<boolean>;
  /** Whether nothing that is asked for can still show in this status. */
  readonly isOver?: (status: string) => boolean;
  /** Whether this trouble is not worth another look. */
  readonly isFinal?: (trouble: unknown) => boolean;
}

/** Looks at the stack until it shows what is asked for, it rests, or 20 seconds are over. */
async function watch(
  event: CustomResourceEvent,
  { stack, clock }: Omit<EventOriginDeps, 'log'>,
  { isShown, isOver = () => false, isFinal = () => false }: Looks,
): Promise<Sight> {
  const start = clock.now();
  let resting = 0;
  for (let look = 0; ; look++) {
    const sight = await lookAt(event, stack, isShown);
    const { wanted, status, trouble } = sight;
    if (wanted !== undefined) return sight;
    if (status !== undefined) resting = isBusy(status) ? 0 : resting + 1;
    const isLast = status === undefined ? isFinal(trouble) : resting === RESTING_LOOKS || isOver(status);
    const pause = PAUSES_MS[look];
    if (isLast || pause === undefined || clock.now() - start > LONGEST_MS) return sight;
    await clock.sleep(pause);
  }
}

async function lookAt(
  { StackId, LogicalResourceId }: CustomResourceEvent,
  stack: StackOperation,
  isShown: Looks['isShown'],
): Promise<Sight> {
  try {
    const wanted = await stack.wanted(StackId, LogicalResourceId);
    if (wanted !== undefined && (await isShown(wanted))) return { wanted };
    return { status: await stack.status(StackId) };
  } catch (trouble) {
    return { trouble };
  }
}

/**
 * `lambda:InvokeFunction` alone must not release or publish: an event that goes forward counts only where its stack is
 * about to do just that.
 *
 * @throws RegistryError `NotInProgress`, `LateRelease` where the stack goes back, or what CloudFormation answered instead
 */
export async function wantedForward(
  event: CustomResourceEvent,
  deps: Omit<EventOriginDeps, 'log'>,
  isShown = ({ properties }: WantedResource) =>
    properties !== undefined && sameProperties(properties, event.ResourceProperties),
): Promise<WantedResource> {
  const isOver = (status: string) => isBusy(status) && isRollback(status);
  // A permission that was just granted takes longer than this: the caller asks again for it.
  const { wanted, status = '', trouble } = await watch(event, deps, { isShown, isOver, isFinal: isAccessError });
  if (wanted !== undefined) return wanted;
  if (trouble !== undefined) throw trouble;
  if (isRollback(status)) throw lateRelease(event, status);
  throw new RegistryError(
    'NotInProgress',
    `expected the events of ${event.StackId} to show ${event.LogicalResourceId} in progress with the properties of this event, found no such event: it was not sent by CloudFormation, or comes too late; deploy again`,
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
  // A record that does not tell its stack cannot keep any from going back.
  const holder = newest?.to ? newest.stackId : undefined;
  const isOwn = holder === event.StackId;
  if (holder !== undefined && !isOwn && !(await mayBeGone(holder, deps))) return 'refused';
  return originInStack(event, isOwn, deps);
}

async function mayBeGone(stackId: string, { stack, clock, log }: EventOriginDeps): Promise<boolean> {
  try {
    return isGone(await askAgain(() => stack.status(stackId), clock));
  } catch (error) {
    log('WARN', 'stack of the newest record not read', { error: errorCode(error) });
    // A stack that is gone took the permission to describe it along, so the event's own stack has to show it. Any other
    // trouble tells nothing, and of a chain that another stack moved last there is nothing for this one to undo.
    return isAccessError(error);
  }
}

/** What the stack's events show while CloudFormation waits for the answer to an event. */
const SHOWN = { Create: 'CREATE_IN_PROGRESS', Update: 'UPDATE_IN_PROGRESS', Delete: 'DELETE_IN_PROGRESS' } as const;

/** The same by the event's stack alone. `isOwn`: it is known to be the registry's. */
export async function originInStack(
  event: CustomResourceEvent,
  isOwn: boolean,
  deps: EventOriginDeps,
): Promise<Origin> {
  // A resource that the stack is about to release is in progress as well: that it goes back is another matter.
  const isShown = async ({ status }: WantedResource) =>
    status === SHOWN[event.RequestType] &&
    (event.RequestType !== 'Update' || isRollingBack(await deps.stack.status(event.StackId)));
  const { wanted, trouble } = await watch(event, deps, { isShown });
  if (wanted !== undefined) return 'taken';
  // A stack of the registry may be looked at; that right may take its time to spread, though.
  if (trouble === undefined || (isAccessError(trouble) && !isOwn)) return 'refused';
  deps.log('WARN', 'stack events not read', { requestId: event.RequestId, error: errorCode(trouble) });
  return 'unknown';
}

function isBusy(status: string): boolean {
  return status.endsWith('_IN_PROGRESS');
}

function isGone(status: string): boolean {
  return status === '' || status === 'DELETE_COMPLETE';
}
