import { handedOutKey, issuedKey } from '../../core/audit/person-chain';
import { isStackOperation, OPERATION_EVENTS, stackName, stackNames } from '../../core/audit/stack-operations';
import type { TrailEvent } from '../../core/audit/trail-event';
import { EventHistory } from './event-history';
import type { TrailFiles } from './trail-files';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A session lasts 12 hours at most: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html */
const LONGEST_SESSION_MS = 12 * HOUR_MS;
/** What the global endpoint of STS does is recorded here. */
const GLOBAL_REGION = 'us-east-1';

/** Where events about people come from: the event history, and the trail's files for what is older. */
export interface EventSources {
  readonly region: string;
  /** Undefined where it may not be read. */
  readonly history: ((region?: string) => EventHistory) | undefined;
  readonly files: TrailFiles | undefined;
  readonly now: Date;
}

/** The stack operations around some moments: of the last 90 days from the history, older ones from the trail's files. */
export async function operationsAround(
  { region, history, files, now }: EventSources,
  stackIds: ReadonlySet<string>,
  moments: readonly number[],
): Promise<TrailEvent[]> {
  const found = new Map<string, TrailEvent>();
  const begin = EventHistory.begin(now).getTime();
  const recent = moments.filter((moment) => moment - HOUR_MS >= begin);
  if (history && recent.length > 0) {
    const from = Math.max(begin, Math.min(...recent) - 2 * LONGEST_SESSION_MS);
    const to = Math.max(...recent) + 5 * MINUTE_MS;
    for (const event of await history().named(OPERATION_EVENTS, new Date(from), new Date(to)))
      found.set(event.id, event);
  }
  const old = history ? moments.filter((moment) => moment - HOUR_MS < begin) : moments;
  if (files) for await (const event of operationsInFiles(files, region, stackIds, old)) found.set(event.id, event);
  return [...found.values()];
}

async function* operationsInFiles(
  files: TrailFiles,
  region: string,
  stackIds: ReadonlySet<string>,
  moments: readonly number[],
): AsyncGenerator<TrailEvent> {
  const stacks = new Set([...stackIds].map(stackName));
  for (const [from, to] of spans(moments, 2 * HOUR_MS, HOUR_MS)) {
    for await (const { events } of files.read(region, from, to)) {
      yield* events.filter((event) => isOperationOf(event, stacks));
    }
  }
}

/** Whether an event begins an operation, or makes a change set, of one of these stacks; or does not tell of which. */
function isOperationOf(event: TrailEvent, stacks: ReadonlySet<string>): boolean {
  const isChangeSet = event.name === 'CreateChangeSet' && event.errorCode === null;
  if (!isChangeSet && !isStackOperation(event)) return false;
  const names = stackNames(event);
  return names.length === 0 || names.some((name) => stacks.has(name));
}

/** Who issued the credentials of some calls, and who those of these, as far as it goes: `AssumeRole…` events by access key. */
export async function issuersOf(sources: EventSources, calls: readonly TrailEvent[]): Promise<Map<string, TrailEvent>> {
  const issuers = new Map<string, TrailEvent>();
  const asked = new Set<string>();
  let wanted = [...calls];
  while (wanted.length > 0) {
    const next: TrailEvent[] = [];
    for (const event of wanted) {
      const key = issuedKey(event.identity);
      if (key === null || asked.has(key)) continue;
      asked.add(key);
      const issuer = (await fromHistory(sources, key, event)) ?? (await fromFiles(sources, key, event));
      if (!issuer) continue;
      issuers.set(key, issuer);
      next.push(issuer);
    }
    wanted = next;
  }
  return issuers;
}

/**
 * CloudTrail names the key that it handed out among the event's resources; where it does not, the moment in which the
 * session says it was issued is narrow enough to look at every call of STS.
 */
async function fromHistory(
  { history, region, now }: EventSources,
  key: string,
  event: TrailEvent,
): Promise<TrailEvent | undefined> {
  const time = Date.parse(event.time);
  if (!history || time < EventHistory.begin(now).getTime()) return undefined;
  const [from, to] = issuedBetween(event);
  for (const place of region === GLOBAL_REGION ? [undefined] : [undefined, GLOBAL_REGION]) {
    const lookups = [
      { by: 'ResourceName' as const, value: key, from: new Date(time - LONGEST_SESSION_MS), to: new Date(time) },
      { by: 'EventSource' as const, value: 'sts.amazonaws.com', from: new Date(from), to: new Date(to) },
    ];
    for (const lookup of lookups) {
      for await (const found of history(place).lookup(lookup)) if (handedOutKey(found) === key) return found;
    }
  }
  return undefined;
}

async function fromFiles(
  { files, region }: EventSources,
  key: string,
  event: TrailEvent,
): Promise<TrailEvent | undefined> {
  const [from, to] = issuedBetween(event);
  for (const place of files ? [...new Set([region, GLOBAL_REGION])] : []) {
    for await (const { events } of (files as TrailFiles).read(place, from - 5 * MINUTE_MS, to + HOUR_MS)) {
      const found = events.find((candidate) => handedOutKey(candidate) === key);
      if (found) return found;
    }
  }
  return undefined;
}

function issuedBetween({ identity, time }: TrailEvent): [number, number] {
  const issued = Date.parse(identity.issued ?? '');
  if (!Number.isNaN(issued)) return [issued - 2 * MINUTE_MS, issued + 2 * MINUTE_MS];
  return [Date.parse(time) - LONGEST_SESSION_MS, Date.parse(time)];
}

/** Spans around moments, those that overlap joined. */
export function spans(moments: readonly number[], before: number, after: number): [number, number][] {
  const found: [number, number][] = [];
  for (const moment of [...moments].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && moment - before <= last[1]) last[1] = moment + after;
    else found.push([moment - before, moment + after]);
  }
  return found;
}
