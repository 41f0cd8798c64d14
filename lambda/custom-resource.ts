import { isAccessError } from '../core/contract/access-error';
import { RegistryError } from '../core/registry-error';
import type { Attributes } from './attributes';
import { type HandlerClock, systemClock } from './clock';
import type { CustomResourceEvent } from './custom-resource-event';
import { errorCode } from './error-code';
import { jsonLog, type Log } from './log';
import { putResponse } from './put-response';
import { type CustomResourceResponse, responseBody } from './response-body';
import { doubling, retry } from './retry';

/** What Lambda passes with the event, as far as it matters here. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** The work of one custom resource: idempotent, since events come twice, late and at once. Never answers CloudFormation itself. */
export type ResourceWork = (event: CustomResourceEvent) => Promise<Attributes>;

/** What a test replaces. */
export interface CustomResourceOptions {
  readonly work: ResourceWork;
  /** The same for every event of one resource: another id would mean a replacement, and later a Delete of the old one. */
  readonly physicalResourceId: (event: CustomResourceEvent) => string;
  readonly clock?: HandlerClock;
  readonly log?: Log;
  /** Calls `expire` after so many milliseconds unless the returned function is called first. */
  readonly alarm?: (milliseconds: number, expire: () => void) => () => void;
}

/** How long a permission that was just granted may take to arrive: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency */
const ACCESS_DENIED_WINDOW = 45_000;
/** Kept free before Lambda's time-out for the answer and its retries. */
const ANSWER_RESERVE = 8_000;
const PUT_TRIES = 6;
const PUT_TIMEOUT = 5_000;

/**
 * Turns the work of a custom resource into a Lambda handler: every event gets one answer, also when the work throws or
 * would outlive the function. Rejects only when the answer itself could not be delivered, so that Lambda sends the event again.
 */
export function customResource(options: CustomResourceOptions) {
  const { work, physicalResourceId, clock = systemClock, log = jsonLog, alarm = systemAlarm } = options;
  return async (event: CustomResourceEvent, context: InvocationContext): Promise<void> => {
    const facts = {
      requestType: event.RequestType,
      resourceType: event.ResourceType,
      logicalResourceId: event.LogicalResourceId,
      requestId: event.RequestId,
      stackId: event.StackId,
    };
    log('INFO', 'event', facts);
    const answer = {
      PhysicalResourceId: physicalIdOf(event, physicalResourceId),
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
    };
    let response: CustomResourceResponse;
    try {
      const data = await beforeTimeout(retryAccessDenied(work, event, context, clock, log), context, alarm);
      response = { Status: 'SUCCESS', ...answer, Data: data };
    } catch (error) {
      const reason = `${errorCode(error)}: ${error instanceof Error ? error.message : String(error)}`;
      log('ERROR', 'failed', { ...facts, reason });
      response = { Status: 'FAILED', Reason: reason, ...answer };
    }
    await deliver(event.ResponseURL, encode(response, answer), context, clock, (level, message, fields) =>
      log(level, message, { ...facts, status: response.Status, ...fields }),
    );
  };
}

/** Once CloudFormation holds an id (its own invention after a Create without an answer, roadmap#1814), it is given back. */
function physicalIdOf(event: CustomResourceEvent, constant: (event: CustomResourceEvent) => string): string {
  return event.PhysicalResourceId || constant(event);
}

function retryAccessDenied(
  work: ResourceWork,
  event: CustomResourceEvent,
  context: InvocationContext,
  clock: HandlerClock,
  log: Log,
): Promise<Attributes> {
  const start = clock.now();
  const isWorthIt = (error: unknown, pause: number) => {
    const late = clock.now() + pause > start + ACCESS_DENIED_WINDOW;
    const noTime = context.getRemainingTimeInMillis() < pause + 2 * ANSWER_RESERVE;
    const trouble = error instanceof RegistryError ? error.cause : error;
    if (!isAccessError(trouble) || late || noTime) return false;
    log('WARN', 'access denied, trying again', { requestId: event.RequestId, pause });
    return true;
  };
  return retry(async () => work(event), { pauses: doubling(1_000, 10_000), isWorthIt, clock });
}

function systemAlarm(milliseconds: number, expire: () => void): () => void {
  const timer = setTimeout(expire, milliseconds);
  return () => clearTimeout(timer);
}

/** The work goes on when the time is over; what it may still do then is held back by the ledger's fence, not by this. */
function beforeTimeout<T>(
  work: Promise<T>,
  context: InvocationContext,
  alarm: NonNullable<CustomResourceOptions['alarm']>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = alarm(Math.max(0, context.getRemainingTimeInMillis() - ANSWER_RESERVE), () =>
      reject(
        new RegistryError(
          'HandlerTimedOut',
          'the handler did not finish before its Lambda time-out; deploy again, and raise the time-out if it stays',
        ),
      ),
    );
    work.then(resolve, reject).finally(cancel);
  });
}

function encode(response: CustomResourceResponse, answer: Omit<CustomResourceResponse, 'Status'>): string {
  const body = responseBody(response);
  if (body !== undefined) return body;
  const size = Buffer.byteLength(JSON.stringify(response));
  const reason = `ResponseTooLarge: the attributes need ${size} bytes, CloudFormation takes 4,096; allow fewer callable versions`;
  return JSON.stringify({ Status: 'FAILED', Reason: reason, ...answer });
}

function deliver(url: string, body: string, context: InvocationContext, clock: HandlerClock, log: Log): Promise<void> {
  let attempt = 0;
  const send = async () => {
    attempt++;
    const found = await putResponse(url, body, PUT_TIMEOUT).catch(() => 'no answer');
    if (typeof found === 'number' && found >= 200 && found < 300) {
      log('INFO', 'answered', { bytes: Buffer.byteLength(body), attempt });
      return;
    }
    log('WARN', 'answer not taken', { found, attempt });
    throw new RegistryError('AnswerNotDelivered', `CloudFormation did not take the answer in ${attempt} tries`);
  };
  return retry(send, {
    pauses: doubling(200, undefined, PUT_TRIES - 1),
    isWorthIt: (_, pause) => context.getRemainingTimeInMillis() >= pause + PUT_TIMEOUT,
    clock,
  });
}
