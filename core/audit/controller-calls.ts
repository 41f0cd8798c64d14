import type { RolloutStep } from '../ledger/rollout-step';
import { isFound } from '../rollout/found-halt';
import { CLOCKS_MS } from './clocks';
import type { TrailEvent } from './trail-event';

/** The longest that an invocation waits before its function runs, and the longest that it runs: both a minute. */
const AT_WORK_MS = 2 * 60_000;

/** Calls of EventBridge that were kept are two hours apart at most. */
const SHORTLY_MS = 2 * 3_600_000;

/**
 * Whether an event is a call of this function. Its request shows neither the payload nor, as a rule, the function: what it
 * was about stands among its resources, without a qualifier.
 * https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
export function isCallOf(functionName: string, { source, name, resources }: TrailEvent): boolean {
  if (source !== 'lambda.amazonaws.com' || name !== 'Invoke') return false;
  return resources.some((arn) => arn.split(':')[6] === functionName);
}

/** Who may have asked for a halt, and whether that is certain. */
export interface HaltCalls {
  readonly calls: readonly TrailEvent[];
  /** By the id of the invocation, not by its time. */
  readonly isCertain: boolean;
}

/**
 * The calls of the controller that may have asked for a halt: the one whose id the step carries, else those of the minutes
 * before it. EventBridge, which calls it every minute, asks for nothing.
 *
 * @param calls of the controller
 */
export function haltCalls(halt: RolloutStep, calls: readonly TrailEvent[]): HaltCalls {
  const { request, time } = halt;
  const asked = calls.filter(({ identity }) => identity.type !== 'AWSService');
  const own = asked.filter(({ requestId }) => request !== undefined && requestId === request);
  if (own.length > 0) return { calls: own, isCertain: true };
  // A halt that was found is recorded later than it came.
  const at = Date.parse(isFound(halt) && halt.at < time ? halt.at : time);
  const near = (call: TrailEvent) => {
    const before = at - Date.parse(call.time);
    return call.errorCode === null && before >= -CLOCKS_MS && before <= AT_WORK_MS + CLOCKS_MS;
  };
  return { calls: asked.filter(near), isCertain: false };
}

/**
 * Whether a trail logged the calls of the controller at some time: it has one of shortly before, be it EventBridge's, of which
 * an audit keeps one an hour. Older ones say nothing: a trail may stop logging what it logged, and a controller be made again.
 *
 * @param calls of the controller
 */
export function isLogging(calls: readonly TrailEvent[], time: string): boolean {
  const at = Date.parse(time);
  return calls.some((call) => {
    const before = at - Date.parse(call.time);
    return before > CLOCKS_MS && before <= SHORTLY_MS;
  });
}
