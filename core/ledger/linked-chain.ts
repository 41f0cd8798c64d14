import { RegistryError } from '../registry-error';
import { recordDigest } from './record';

export interface ChainEntry {
  /** Key of the S3 object. */
  readonly key: string;
  /** Its body, byte for byte. */
  readonly body: string;
}

export type ChainProblem =
  /** The key is not one of the ledger. */
  | 'BadKey'
  /** The body is not a record. */
  | 'BadRecord'
  /** The record names another place than the one it lies at. */
  | 'WrongKey'
  /** The record is of another prompt or alias than the first. */
  | 'OtherAlias'
  /** Two records claim one sequence number. */
  | 'Fork'
  /** Records are missing. */
  | 'Gap'
  /** The record does not carry the digest of the one before. */
  | 'WrongPrevious'
  /** The record does not begin where the one before ended. */
  | 'WrongFrom'
  /** The body is not the one that was noted elsewhere. */
  | 'NotAsKnown'
  /** A note, no finding: the record needs a newer version of the package to say what callers got from it on. */
  | 'NotJudged';

export interface ChainFinding {
  readonly key: string;
  /** Sequence number by the key; null if the key has none. */
  readonly sequence: number | null;
  readonly problem: ChainProblem;
  readonly message: string;
}

/** What every record of a chain carries, whatever else it says. */
export interface ChainedRecord {
  /** Digest of the record before. */
  readonly previous: string | null;
}

/** A kind of chain: how its keys and bodies are read, and what its records must agree on. */
export interface ChainKind<R extends ChainedRecord> {
  /** @throws RegistryError */
  readonly sequenceOf: (key: string) => number;
  /** @throws RegistryError */
  readonly parse: (body: string) => R;
  /** `previous` of the first record. */
  readonly root: string | null;
  /** The key that a record says it has; only the key it lies at may be that one. */
  readonly placeOf: (record: R, key: string) => string;
  /** Whether two records say that they are of one chain. */
  readonly isSame: (record: R, other: R) => boolean;
  /** What a record says it is of, as people read it. */
  readonly subject: (record: R) => string;
  /** Why a record does not begin where all of those that may be before it ended; undefined where it does. */
  readonly break?: (record: R, before: readonly R[]) => string | undefined;
}

/** A record as it lies in the bucket; null where the body is none. */
export interface Link<R> extends ChainEntry {
  readonly sequence: number;
  readonly record: R | null;
}

export interface VerifiedLinks<R> {
  /** All that have a place in the chain, oldest first. */
  readonly links: Link<R>[];
  /** Empty for a chain that holds. */
  readonly findings: ChainFinding[];
}

/**
 * Checks one chain of any kind: no gaps, no forks, each record where its own number puts it, with the digest of the record
 * before.
 *
 * A chain alone cannot show that its newest records were cut off or edited, nor that someone rewrote everything from a
 * record to the end: that is what the bucket's policy is for, and `known`.
 *
 * @param entries of one chain, in any order
 * @param known digests of records that were noted elsewhere (a log, a ticket), by sequence number
 */
export function verifyLinks<R extends ChainedRecord>(
  entries: readonly ChainEntry[],
  kind: ChainKind<R>,
  known: ReadonlyMap<number, string> = new Map(),
): VerifiedLinks<R> {
  const findings: ChainFinding[] = [];
  const links = entries.flatMap((entry) => readLink(entry, kind, findings)).sort((a, b) => a.sequence - b.sequence);
  const first = links.find((link) => link.record)?.record ?? null;
  let before: Link<R>[] = [];
  for (const [index, link] of links.entries()) {
    const report = (problem: ChainProblem, message: string) =>
      findings.push({ key: link.key, sequence: link.sequence, problem, message: `record ${link.sequence} ${message}` });
    const sibling = links[index - 1];
    if (sibling?.sequence === link.sequence) report('Fork', `exists twice, also at ${sibling.key}`);
    else before = sibling ? siblingsUpTo(links, index - 1) : [];
    checkPlace(link, first, kind, report);
    checkContinuity(link, before, kind, report);
  }
  findings.push(...checkKnown(links, known));
  return { links, findings };
}

/** The link at an index and those before it with its sequence number: they are sorted. */
function siblingsUpTo<R>(links: readonly Link<R>[], index: number): Link<R>[] {
  let start = index;
  while (start > 0 && links[start - 1]?.sequence === links[index]?.sequence) start--;
  return links.slice(start, index + 1);
}

type Report = (problem: ChainProblem, message: string) => void;

function readLink<R extends ChainedRecord>(
  { key, body }: ChainEntry,
  { sequenceOf, parse }: ChainKind<R>,
  findings: ChainFinding[],
): Link<R>[] {
  let sequence: number | null = null;
  try {
    sequence = sequenceOf(key);
    return [{ key, body, sequence, record: parse(body) }];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    findings.push({ key, sequence, problem: sequence === null ? 'BadKey' : 'BadRecord', message: error.message });
    return sequence === null ? [] : [{ key, body, sequence, record: null }];
  }
}

function checkPlace<R extends ChainedRecord>(
  { key, record }: Link<R>,
  first: R | null,
  { placeOf, isSame, subject }: ChainKind<R>,
  report: Report,
): void {
  if (!record || !first) return;
  const place = placeOf(record, key);
  if (place !== key) report('WrongKey', `says it belongs at ${place}, and lies at ${key}`);
  if (!isSame(record, first)) report('OtherAlias', `is of ${subject(record)}, the first one of ${subject(first)}`);
}

function checkContinuity<R extends ChainedRecord>(
  { sequence, record }: Link<R>,
  before: readonly Link<R>[],
  kind: ChainKind<R>,
  report: Report,
): void {
  const last = before[0]?.sequence ?? 0;
  if (sequence > last + 1) {
    report('Gap', `follows record ${last}: ${sequence - last - 1} missing between them`);
    return;
  }
  if (!record) return;
  const previous: (string | null)[] = before.length > 0 ? before.map((link) => recordDigest(link.body)) : [kind.root];
  if (!previous.includes(record.previous)) {
    report('WrongPrevious', `carries ${record.previous}, the record before has ${previous.join(' or ')}`);
  }
  // Where none of those before can be read, nobody can say where they ended.
  const readable = before.flatMap((link) => link.record ?? []);
  const broken = before.length > 0 && readable.length === 0 ? undefined : kind.break?.(record, readable);
  if (broken !== undefined) report('WrongFrom', broken);
}

function* checkKnown(links: readonly Link<unknown>[], known: ReadonlyMap<number, string>): Generator<ChainFinding> {
  for (const [sequence, digest] of known) {
    const found = links.filter((link) => link.sequence === sequence);
    if (found.length > 0 && found.every((link) => recordDigest(link.body) === digest)) continue;
    const state = found.length > 0 ? `is not the one noted as ${digest}` : `was noted as ${digest} and is missing`;
    yield { key: found[0]?.key ?? '', sequence, problem: 'NotAsKnown', message: `record ${sequence} ${state}` };
  }
}
