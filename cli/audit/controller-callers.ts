import { isCallOf } from '../../core/audit/controller-calls';
import type { TrailEvent } from '../../core/audit/trail-event';
import { type EventSources, spans } from './people';

/** What a halt takes, and how late CloudTrail may deliver: EventBridge's call of the minute before tells that it logs at all. */
const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 30 * 60_000;

/**
 * The calls of the controller of rollouts around some moments, from a trail's files: the event history has none. Undefined
 * without files, and where nobody knows which function it is.
 */
export async function controllerCallsAround(
  { files, region }: Pick<EventSources, 'files' | 'region'>,
  functionName: string | undefined,
  moments: readonly number[],
): Promise<TrailEvent[] | undefined> {
  if (!files || functionName === undefined) return undefined;
  const found = new Map<string, TrailEvent>();
  for (const [from, to] of spans(moments, BEFORE_MS, AFTER_MS)) {
    for await (const { events } of files.read(region, from, to)) {
      for (const event of events) if (isCallOf(functionName, event)) found.set(event.id, event);
    }
  }
  return [...found.values()];
}
