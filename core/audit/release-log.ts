import type { LedgerRecord } from '../ledger/record';
import { callableVersions } from '../release/standing';
import { joinedOperation } from './joined-operation';
import { type LedgerSurvey, readVersion, type SurveyedChain } from './ledger-survey';
import { type PersonChain, personChain } from './person-chain';
import type { StackOperations } from './stack-operations';
import type { TrailEvent } from './trail-event';

/**
 * What CloudTrail tells about the person: the chain, or why there is none. `not delivered`: within 15 minutes;
 * `too old`: before the events that were read; `not found`: CloudTrail should have it and has not; `not asked`: its events
 * could not be read.
 */
export type Person =
  | PersonChain
  | { readonly links: readonly []; readonly end: 'not delivered' | 'too old' | 'no event' | 'not asked' };

/** One line of the log: a release, a withdrawal, or a version that was published. */
export interface LogRow {
  readonly time: string;
  /** Null for a publication. */
  readonly alias: string | null;
  /** A record's kind, or `publish`. */
  readonly kind: string;
  /** The release failed later and was undone, or this is what undid it. */
  readonly undone: boolean;
  readonly from: number | null;
  readonly to: number | null;
  readonly digest: string | null;
  /** Versions withdrawn from here on. */
  readonly withdrawn: readonly number[];
  readonly reason: string | null;
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
  /** When the events begin that were read, and what is too young to be delivered; undefined where none could be read. */
  readonly covered?: { readonly from: string; readonly to: string };
}

/** All releases, withdrawals and publications, newest first. Records that moved nothing are left out. */
export function releaseLog(props: ReleaseLogProps): LogRow[] {
  const { survey, alias, since = '' } = props;
  const chains = survey.chains.filter((chain) => alias === undefined || chain.alias === alias);
  const rows = chains.flatMap((chain) => releases(chain, props));
  if (alias === undefined) rows.push(...publications(props));
  return rows.filter(({ time }) => time >= since).sort((a, b) => b.time.localeCompare(a.time));
}

function releases({ records, objects }: SurveyedChain, props: ReleaseLogProps): LogRow[] {
  return records.flatMap((record, index): LogRow[] => {
    if (record.kind === 'abandon') return [];
    const next = records[index + 1];
    const { time, alias, kind, undo, from, to, withdrawn, stackId, sequence } = record;
    const { operation, reason } = joinedOperation(record, props.operations, props.survey.reasons);
    return [
      {
        time,
        alias,
        kind,
        withdrawn,
        reason,
        stackId,
        operation,
        undone: undo || (next?.undo === true && next.kind !== 'abandon'),
        from: from?.version ?? null,
        to: to?.version ?? null,
        digest: to?.digest ?? null,
        object: objects.get(sequence)?.key ?? '',
        person: personOf(record, props),
      },
    ];
  });
}

function publications(props: ReleaseLogProps): LogRow[] {
  return props.survey.archives.flatMap(({ promptId, version, digest, object }): LogRow[] => {
    const claims = props.survey.claims.get(promptId) ?? [];
    const claim = claims.findLast((one) => one.digest === digest && one.after < version);
    const time = readVersion(object)?.time;
    if (time === undefined) return [];
    const stackId = claimedBy(claim?.object.body);
    const person =
      stackId === null
        ? ({ links: [], end: 'no event' } as const)
        : personOf({ operation: null, stackId, time }, props);
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
        operation: null,
        object: object.key,
        person,
      },
    ];
  });
}

function claimedBy(body: string | undefined): string | null {
  try {
    const { stackId } = JSON.parse(body ?? '{}');
    return typeof stackId === 'string' ? stackId : null;
  } catch {
    return null;
  }
}

function personOf(
  record: Pick<LedgerRecord, 'operation' | 'stackId' | 'time'>,
  { operations, issuers, covered }: ReleaseLogProps,
): Person {
  const event = operations.of(record);
  if (event) return personChain(event, issuers);
  if (!covered) return { links: [], end: 'not asked' };
  if (record.time > covered.to) return { links: [], end: 'not delivered' };
  return { links: [], end: record.time < covered.from ? 'too old' : 'no event' };
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
