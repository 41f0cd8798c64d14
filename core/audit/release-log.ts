import { fieldsOf } from '../ledger/body-fields';
import { tagPrefix } from '../ledger/layout';
import type { LedgerRecord } from '../ledger/record';
import type { RolloutStep } from '../ledger/rollout-step';
import { parseTagEntry } from '../ledger/tag-entry';
import { type PassedBy, passedBy } from '../release/passed-by';
import { callableVersions } from '../release/standing';
import { isFound } from '../rollout/found-halt';
import { type StartedRollout, startedRollout } from '../rollout/started-rollout';
import { haltCalls, isLogging } from './controller-calls';
import { haltIn } from './halt-in';
import { joinedOperation } from './joined-operation';
import {
  type LedgerSurvey,
  readVersion,
  type SurveyedArchive,
  type SurveyedChain,
  type SurveyedClaim,
  type SurveyedTag,
} from './ledger-survey';
import { type PersonChain, personChain } from './person-chain';
import { type Candidates, type StackOperations, stackName, stackNames } from './stack-operations';
import { type TrailEvent, text } from './trail-event';

/**
 * What CloudTrail tells about the person: the chain, or why there is none. `not delivered`: within 15 minutes;
 * `too old`: before the events that were read; `not found`: CloudTrail should have it and has not; `not asked`: its events
 * could not be read; `one of`: several operations fit, and a single one would be a guess.
 *
 * Of a halt, `controller`: nobody asked for it; `no trail`: who did stands in a trail's files only, which were not read;
 * `not logged`: they were read, and have no calls of the controller of that time.
 */
export type Person =
  | PersonChain
  | { readonly links: readonly []; readonly end: 'not delivered' | 'too old' | 'no event' | 'not asked' }
  | { readonly links: readonly []; readonly end: 'controller' | 'no trail' | 'not logged' }
  | { readonly links: readonly []; readonly end: 'one of'; readonly among: readonly PersonChain[] };

/** One line of the log: a release, a withdrawal, a halt of a rollout, or a version that was published. */
export interface LogRow {
  readonly time: string;
  /** Null for a publication. */
  readonly alias: string | null;
  /** A record's kind, `halt`, or `publish`. */
  readonly kind: string;
  /** The release failed later and was undone, or this is what undid it. */
  readonly undone: boolean;
  readonly from: number | null;
  readonly to: number | null;
  readonly digest: string | null;
  /** Tags that name the content now; left out where none does. */
  readonly tags?: readonly string[];
  /** The rollout that it begins; left out where it begins none. */
  readonly rollout?: StartedRollout;
  /** Number of the record that began the rollout which it ends; left out where it ends none. */
  readonly ends?: number;
  /** Versions withdrawn from here on. */
  readonly withdrawn: readonly number[];
  readonly reason: string | null;
  /** Who let it through; left out where no gate applied. */
  readonly passed?: PassedBy;
  readonly stackId: string | null;
  readonly operation: string | null;
  /** The object that shows it. */
  readonly object: string;
  readonly person: Person;
}

export interface ReleaseLogProps {
  readonly survey: LedgerSurvey;
  /** @default - all aliases, and publications */
  readonly alias?: string;
  readonly since?: string;
  readonly operations: StackOperations;
  /** Events that handed out credentials, by access key. */
  readonly issuers: ReadonlyMap<string, TrailEvent>;
  /** Calls of the controller of rollouts; undefined where no trail's files were read for them. */
  readonly controllerCalls?: readonly TrailEvent[] | undefined;
  /** Undefined where no events could be read. */
  readonly covered?: Covered;
}

/** When the events that were read begin, and what is too young to be delivered. */
export interface Covered {
  readonly from: string;
  readonly to: string;
  /**
   * Before it events stand in a trail's files alone, as calls of the controller always do, and some of these could not be read:
   * what is not found may stand there. Left out where all were read.
   */
  readonly unread?: string;
}

/** All releases, withdrawals, halts and publications, newest first. Records that moved nothing are left out. */
export function releaseLog(props: ReleaseLogProps): LogRow[] {
  const { survey, alias, since = '' } = props;
  const chains = survey.chains.filter((chain) => alias === undefined || chain.alias === alias);
  const rows = chains.flatMap((chain) => [...releases(chain, props), ...halts(chain, props)]);
  if (alias === undefined) rows.push(...publications(props));
  const tags = tagsByDigest(survey);
  return rows
    .filter(({ time }) => time >= since)
    .map((row) => ({ ...row, ...(row.digest !== null && tags.get(row.digest)) }))
    .sort((a, b) => b.time.localeCompare(a.time));
}

/** What each content is called now, by the newest entry of each tag. */
function tagsByDigest({ tags }: LedgerSurvey): ReadonlyMap<string, { readonly tags: readonly string[] }> {
  const newest = new Map<string, SurveyedTag>();
  for (const one of tags) {
    const { promptId, tag, number } = one.address;
    const prefix = tagPrefix(promptId, tag);
    if (number > (newest.get(prefix)?.address.number ?? 0)) newest.set(prefix, one);
  }
  const found = new Map<string, { readonly tags: string[] }>();
  for (const { object } of newest.values()) {
    const entry = parseTagEntry(object.key, object.body);
    if (entry) found.set(entry.digest, { tags: [...(found.get(entry.digest)?.tags ?? []), entry.tag].sort() });
  }
  return found;
}

/** The releases and withdrawals of one alias, oldest first. */
export function releases({ records, objects }: SurveyedChain, props: ReleaseLogProps): LogRow[] {
  return records.flatMap((record, index): LogRow[] => {
    if (record.kind === 'abandon') return [];
    const next = records[index + 1];
    const { time, alias, kind, undo, from, to, withdrawn, stackId, sequence } = record;
    const { operation, reason } = joinedOperation(record, props.operations, props.survey.reasons);
    const rollout = startedRollout(record);
    return [
      {
        time,
        alias,
        kind,
        withdrawn,
        reason,
        ...(rollout && { rollout }),
        ...(record.ended && { ends: record.ended.plan }),
        ...(record.passed && { passed: passedBy(record.passed) }),
        stackId,
        operation,
        undone: undo || (next?.undo === true && next.kind !== 'abandon'),
        from: from?.version ?? null,
        to: to?.version ?? null,
        digest: to?.digest ?? null,
        object: objects.get(sequence)?.key ?? '',
        person: personOf(traceOf(record), props),
      },
    ];
  });
}

/** The halts of one alias's rollouts: from then on callers of the candidate get the stable version. */
function halts({ promptId, alias, records }: SurveyedChain, props: ReleaseLogProps): LogRow[] {
  const own = props.survey.steps.filter(({ address }) => address.promptId === promptId && address.alias === alias);
  return own.flatMap(({ object }): LogRow[] => {
    const halt = haltIn(object);
    const begun = records.find(({ sequence, rollout }) => sequence === halt?.plan && rollout?.plan === sequence);
    if (!halt || !begun?.rollout) return [];
    return [
      {
        time: halt.time,
        alias,
        kind: 'halt',
        undone: false,
        withdrawn: [],
        reason: halt.reason,
        stackId: null,
        operation: null,
        object: object.key,
        from: begun.rollout.candidate.version,
        to: begun.to?.version ?? null,
        digest: begun.to?.digest ?? null,
        person: haltedBy(halt, props),
      },
    ];
  });
}

/**
 * Who asked for a halt, or why that cannot be told. One that the controller found may have been asked for by those who called
 * before it stood in the parameter: the invocation that wrote it died before it recorded whose it was.
 */
export function haltedBy(
  halt: RolloutStep,
  { controllerCalls, issuers, covered }: Pick<ReleaseLogProps, 'controllerCalls' | 'issuers' | 'covered'>,
): Person {
  const found = isFound(halt);
  if (halt.by === 'controller' && !found) return { links: [], end: 'controller' };
  if (!controllerCalls) return { links: [], end: 'no trail' };
  const { calls, isCertain } = haltCalls(halt, controllerCalls);
  const among = calls.map((call) => personChain(call, issuers));
  if (among[0] && isCertain) return among[0];
  if (among.length > 0) return { links: [], end: 'one of', among };
  if (covered && halt.time > covered.to) return { links: [], end: 'not delivered' };
  if (covered?.unread !== undefined) return { links: [], end: 'not asked' };
  if (!isLogging(controllerCalls, halt.time)) return { links: [], end: 'not logged' };
  return { links: [], end: found ? 'controller' : 'no event' };
}

/** A record without an operation may have had one, which was not read. */
function traceOf({ operation, stackId, time }: Pick<LedgerRecord, 'operation' | 'stackId' | 'time'>): Trace {
  return { stackId, operation: operation ?? undefined, from: time, time };
}

function publications(props: ReleaseLogProps): LogRow[] {
  return props.survey.archives.flatMap((archive): LogRow[] => {
    const { version, digest, object } = archive;
    const time = readVersion(object)?.time;
    if (time === undefined) return [];
    const { stackId, operation, from } = publisherOf(archive, props.survey);
    const trace = stackId === null ? undefined : { stackId, operation, from: from ?? time, time };
    return [
      {
        time,
        alias: null,
        kind: 'publish',
        undone: false,
        from: null,
        to: version,
        digest,
        withdrawn: [],
        reason: null,
        stackId,
        operation: operation ?? null,
        object: object.key,
        person: trace ? personOf(trace, props) : { links: [], end: 'no event' },
      },
    ];
  });
}

/** What archive and claims tell about the operation that published a version. */
function publisherOf({ promptId, version, digest, object }: SurveyedArchive, { claims }: LedgerSurvey) {
  const archived = fieldsOf(object.body);
  const claim = (claims.get(promptId) ?? [])
    .filter((one) => one.digest === digest && one.after < version)
    .reduce<SurveyedClaim | undefined>((last, one) => (last && last.after > one.after ? last : one), undefined);
  return {
    stackId: text(archived.stackId) ?? text(fieldsOf(claim?.object.body).stackId),
    operation: archived.operation === null ? null : (text(archived.operation) ?? undefined),
    from: claim && readVersion(claim.object)?.time,
  };
}

/** What is known of an operation: its token, null where it had none, undefined where nobody wrote it down. */
interface Trace {
  readonly stackId: string;
  readonly operation: string | null | undefined;
  /** From when to when it was under way at some moment. */
  readonly from: string;
  readonly time: string;
}

/** The events of which one began the operation. */
function beginnings({ stackId, operation, from, time }: Trace, operations: StackOperations): Candidates {
  if (typeof operation === 'string') {
    const event = operations.withToken(operation);
    return { events: event && isOfStack(event, stackId) ? [event] : [], isTold: true };
  }
  const found = operations.candidates(stackId, from, time);
  return operation === undefined
    ? found
    : { ...found, events: found.events.filter(({ request }) => text(request.clientRequestToken) === null) };
}

function isOfStack(event: TrailEvent, stackId: string): boolean {
  const names = stackNames(event);
  return names.length === 0 || names.includes(stackName(stackId));
}

function personOf(trace: Trace, { operations, issuers, covered }: ReleaseLogProps): Person {
  const { events, isTold } = beginnings(trace, operations);
  const isYoung = covered !== undefined && trace.time > covered.to;
  const [event, ...others] = events;
  // Where nobody wrote the operation down, one that is not delivered yet may be the one.
  if (event && !(isYoung && typeof trace.operation !== 'string')) {
    const among = [event, ...others].map((one) => personChain(one, issuers));
    return among[0] && among.length === 1 && isTold ? among[0] : { links: [], end: 'one of', among };
  }
  if (!covered) return { links: [], end: 'not asked' };
  if (isYoung) return { links: [], end: 'not delivered' };
  if (covered.unread !== undefined && trace.time < covered.unread) return { links: [], end: 'not asked' };
  return { links: [], end: trace.time < covered.from ? 'too old' : 'no event' };
}

/** When which versions were callable: for `audit usage`. */
export interface CallableSpan {
  readonly from: number;
  readonly to: number;
  readonly versions: readonly number[];
}

/**
 * What an alias's callers could use, over time.
 *
 * @param size how many versions may be callable at once
 */
export function callableSpans({ records }: Pick<SurveyedChain, 'records'>, size: number): Promise<CallableSpan[]> {
  const spans = records.map(async (record, index) => {
    const { to, withdrawn } = record;
    return {
      from: Date.parse(record.time),
      to: Date.parse(records[index + 1]?.time ?? '') || Number.POSITIVE_INFINITY,
      versions: await callableVersions({
        target: to?.version ?? null,
        history: before(records, index),
        size,
        withdrawn,
      }),
    };
  });
  return Promise.all(spans);
}

function* before(records: readonly LedgerRecord[], index: number): Generator<LedgerRecord> {
  for (let place = index; place >= 0; place--) yield records[place] as LedgerRecord;
}
