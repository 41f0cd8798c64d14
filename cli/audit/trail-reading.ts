import { isCallOf } from '../../core/audit/controller-calls';
import { DELIVERY_MS, type TrailFileEvidence, type TrailFileProblem } from '../../core/audit/evidence';
import { modelCall } from '../../core/audit/model-call';
import { RenderingCount, type RenderingEvidence } from '../../core/audit/renderings';
import { type TrailEvent, text } from '../../core/audit/trail-event';
import { WATCHED_EVENTS } from '../../core/audit/watched-events';
import { canonicalJson } from '../../core/content/canonical-json';
import type { TrailFiles } from './trail-files';

const HOUR_MS = 3_600_000;
const WATCHED = new Set<string>(WATCHED_EVENTS);
const DATA_EVENTS = ['RenderPrompt', 'Invoke'];
const OBJECT_EVENTS = /^(Put|Delete|Copy|Restore)Objects?/;

export interface TrailReading {
  readonly events: readonly TrailEvent[];
  readonly evidence: TrailFileEvidence;
  readonly renderings: RenderingEvidence;
  /** When its management events begin; undefined where it has none. */
  readonly begins: number | undefined;
}

/** Which data events matter. */
export interface KeptEvents {
  readonly ledgerBucket: string;
  /** Unique ids of the roles whose renderings are kept. */
  readonly signers: ReadonlySet<string>;
  /** Name of the function that moves rollouts; undefined where there is none. */
  readonly controller: string | undefined;
}

/**
 * Reads a trail's files of a span of time, keeping what the rules look at; compares each with CloudTrail's digest of it,
 * and their events with those of the history, which nobody can edit.
 *
 */
export async function readTrail(
  files: TrailFiles,
  { region, from, to }: { readonly region: string; readonly from: number; readonly to: number },
  kept: KeptEvents,
  history: readonly TrailEvent[] | undefined,
): Promise<TrailReading> {
  const end = to + DELIVERY_MS;
  const digests = await files.digests(region, from, end + 2 * HOUR_MS);
  const events = new Map<string, TrailEvent>();
  const renderings = new RenderingCount(kept.signers);
  const problems: TrailFileProblem[] = [];
  let compared = 0;
  let begins: number | undefined;
  for await (const file of files.read(region, from, end)) {
    const digest = digests.get(file.key);
    if (digest !== undefined) {
      compared += 1;
      if (digest !== file.hash)
        problems.push({ key: file.key, problem: 'DigestMismatch', detail: `CloudTrail noted ${digest}` });
    }
    for (const event of file.events) {
      renderings.add(event);
      const id = idOf(event, kept);
      if (id !== undefined && !events.has(id)) events.set(id, event);
    }
    begins = beginOf(file.events, begins);
  }
  problems.push(...missing(digests.keys(), await files.listed(region, from, end), from, end));
  // What stands in a file that was not read is not missing.
  const known = files.unread > 0 ? (history ?? []).filter(({ id }) => events.has(id)) : (history ?? []);
  problems.push(...files.problems, ...differences(events, known, begins, to));
  const place = `s3://${files.place.bucket}/${files.place.prefix}`;
  return {
    events: [...events.values()],
    evidence: { place, files: files.count, compared, problems },
    renderings: renderings.evidence(),
    begins,
  };
}

function isObjectEvent({ source, name }: TrailEvent): boolean {
  return source === 's3.amazonaws.com' && OBJECT_EVENTS.test(name);
}

/**
 * Undefined for an event that no rule looks at. Calls of a model come by the million: one each day of who called what.
 * EventBridge calls the controller every minute: one an hour, which shows that the trail logs.
 */
function idOf(event: TrailEvent, kept: KeptEvents): string | undefined {
  const call = modelCall(event);
  if (call) return `${call.principal} ${call.modelId} ${event.time.slice(0, 10)} ${event.errorCode === null}`;
  if (kept.controller !== undefined && isCallOf(kept.controller, event)) {
    const { identity, time } = event;
    return identity.type === 'AWSService'
      ? `${identity.invokedBy} ${time.slice(0, 13)} ${event.errorCode === null}`
      : event.id;
  }
  return isWatched(event, kept) ? event.id : undefined;
}

function isWatched(event: TrailEvent, { ledgerBucket }: KeptEvents): boolean {
  return isObjectEvent(event) ? text(event.request.bucketName) === ledgerBucket : WATCHED.has(event.name);
}

/** The earliest management event, of these and of those before. */
function beginOf(events: readonly TrailEvent[], before: number | undefined): number | undefined {
  const management = events.filter((event) => !isObjectEvent(event) && !DATA_EVENTS.includes(event.name));
  if (management.length === 0) return before;
  return management.reduce((begin, { time }) => Math.min(begin, Date.parse(time)), before ?? Number.POSITIVE_INFINITY);
}

/** Log files of these days that a digest lists and that are not there. */
function* missing(
  digested: Iterable<string>,
  listed: ReadonlySet<string>,
  from: number,
  to: number,
): Generator<TrailFileProblem> {
  const [first, last] = [dayOf(from), dayOf(to)];
  for (const key of digested) {
    const day = /\/(\d{4}\/\d\d\/\d\d)\/[^/]+$/.exec(key)?.[1] ?? '';
    if (day >= first && day <= last && !listed.has(key)) yield { key, problem: 'MissingFile', detail: '' };
  }
}

/** Events that CloudTrail's history has and the trail has not, or otherwise. */
function* differences(
  events: ReadonlyMap<string, TrailEvent>,
  history: readonly TrailEvent[],
  begins: number | undefined,
  now: number,
): Generator<TrailFileProblem> {
  if (begins === undefined) return;
  const stops = stopped([...history, ...events.values()]);
  for (const event of history) {
    const time = Date.parse(event.time);
    // Delivered within 15 minutes, and an hour is enough for a late file.
    if (time <= begins || time > now - HOUR_MS || stops.some(([from, to]) => time >= from && time <= to)) continue;
    const found = events.get(event.id);
    const what = `${event.name} at ${event.time}`;
    if (!found) yield { key: event.id, problem: 'EventMissing', detail: what };
    else if (canonicalJson(found) !== canonicalJson(event))
      yield { key: event.id, problem: 'EventDiffers', detail: what };
  }
}

/** Spans in which a trail may not have been logging. */
function stopped(events: readonly TrailEvent[]): [number, number][] {
  const turns = events
    .filter(
      ({ name, errorCode }) =>
        errorCode === null && ['StopLogging', 'StartLogging', 'PutEventSelectors', 'UpdateTrail'].includes(name),
    )
    .sort((a, b) => a.time.localeCompare(b.time));
  return turns.flatMap(({ name, time }, index): [number, number][] => {
    const from = Date.parse(time);
    // What is logged changes within minutes.
    if (name !== 'StopLogging') return [[from - DELIVERY_MS / 3, from + DELIVERY_MS]];
    const start = turns.slice(index + 1).find((turn) => turn.name === 'StartLogging');
    return [[from - DELIVERY_MS / 3, start ? Date.parse(start.time) + DELIVERY_MS : Number.POSITIVE_INFINITY]];
  });
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10).replaceAll('-', '/');
}
