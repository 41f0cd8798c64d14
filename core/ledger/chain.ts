import { canonicalJson } from '../content/canonical-json';
import { RegistryError } from '../registry-error';
import { ledgerKey, sequenceOfKey } from './layout';
import { type LedgerRecord, parseRecord, recordDigest } from './record';
import { unknownFeatures } from './record-schema-2';

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

export interface VerifiedChain {
  /** Those that could be read, oldest first. */
  readonly records: LedgerRecord[];
  /** Empty for a chain that holds. */
  readonly findings: ChainFinding[];
  /** Worth knowing, and nothing wrong with the chain. */
  readonly notes: ChainFinding[];
}

interface Link extends ChainEntry {
  readonly sequence: number;
  readonly record: LedgerRecord | null;
}

/**
 * Checks the ledger of one alias: no gaps, no forks, each record where its own sequence number puts it, with the digest
 * of the record before, and beginning where that one ended.
 *
 * A chain alone cannot show that its newest records were cut off or edited, nor that someone rewrote everything from a
 * record to the end: that is what the bucket's policy is for, and `known`.
 *
 * @param entries of one alias, in any order
 * @param known digests of records that were noted elsewhere (a log, a ticket), by sequence number
 */
export function verifyChain(
  entries: readonly ChainEntry[],
  known: ReadonlyMap<number, string> = new Map(),
): VerifiedChain {
  const findings: ChainFinding[] = [];
  const links = entries.flatMap((entry) => readLink(entry, findings)).sort((a, b) => a.sequence - b.sequence);
  const first = links.find((link) => link.record)?.record ?? null;
  let before: Link[] = [];
  for (const [index, link] of links.entries()) {
    const report = (problem: ChainProblem, message: string) =>
      findings.push({ key: link.key, sequence: link.sequence, problem, message: `record ${link.sequence} ${message}` });
    const sibling = links[index - 1];
    if (sibling?.sequence === link.sequence) report('Fork', `exists twice, also at ${sibling.key}`);
    else before = sibling ? siblingsUpTo(links, index - 1) : [];
    checkPlace(link, first, report);
    checkContinuity(link, before, report);
  }
  findings.push(...checkKnown(links, known));
  return { records: links.flatMap((link) => link.record ?? []), findings, notes: links.flatMap(notesOn) };
}

function notesOn({ key, sequence, record }: Link): ChainFinding[] {
  const unknown = record ? unknownFeatures(record) : [];
  if (unknown.length === 0) return [];
  const message = `record ${sequence} needs ${unknown.join(', ')}, which this version of cdk-prompt-registry does not know: its move is shown, what callers got from it on is not judged`;
  return [{ key, sequence, problem: 'NotJudged', message }];
}

/** The link at an index and those before it with its sequence number: they are sorted. */
function siblingsUpTo(links: readonly Link[], index: number): Link[] {
  let start = index;
  while (start > 0 && links[start - 1]?.sequence === links[index]?.sequence) start--;
  return links.slice(start, index + 1);
}

type Report = (problem: ChainProblem, message: string) => void;

function readLink({ key, body }: ChainEntry, findings: ChainFinding[]): Link[] {
  let sequence: number | null = null;
  try {
    sequence = sequenceOfKey(key);
    return [{ key, body, sequence, record: parseRecord(body) }];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    findings.push({ key, sequence, problem: sequence === null ? 'BadKey' : 'BadRecord', message: error.message });
    return sequence === null ? [] : [{ key, body, sequence, record: null }];
  }
}

function checkPlace({ key, record }: Link, first: LedgerRecord | null, report: Report): void {
  if (!record || !first) return;
  const place = ledgerKey(record.promptId, record.alias, record.sequence);
  if (place !== key) report('WrongKey', `says it belongs at ${place}, and lies at ${key}`);
  if (record.promptId !== first.promptId || record.prompt !== first.prompt || record.alias !== first.alias) {
    report('OtherAlias', `is of ${record.prompt}/${record.alias}, the first one of ${first.prompt}/${first.alias}`);
  }
}

function checkContinuity({ sequence, record }: Link, before: readonly Link[], report: Report): void {
  const last = before[0]?.sequence ?? 0;
  if (sequence > last + 1) {
    report('Gap', `follows record ${last}: ${sequence - last - 1} missing between them`);
    return;
  }
  if (!record) return;
  const previous: (string | null)[] = before.length > 0 ? before.map((link) => recordDigest(link.body)) : [null];
  if (!previous.includes(record.previous)) {
    report('WrongPrevious', `carries ${record.previous}, the record before has ${previous.join(' or ')}`);
  }
  const starts = before.length > 0 ? before.flatMap((link) => (link.record ? [link.record.to] : [])) : [null];
  if (starts.length > 0 && !starts.some((start) => canonicalJson(start) === canonicalJson(record.from))) {
    const [found, expected] = [record.from, starts[0]].map((place) => (place ? `version ${place.version}` : 'nowhere'));
    report('WrongFrom', `begins at ${found}, the record before ended at ${expected}`);
  }
}

function* checkKnown(links: readonly Link[], known: ReadonlyMap<number, string>): Generator<ChainFinding> {
  for (const [sequence, digest] of known) {
    const found = links.filter((link) => link.sequence === sequence);
    if (found.length > 0 && found.every((link) => recordDigest(link.body) === digest)) continue;
    const state = found.length > 0 ? `is not the one noted as ${digest}` : `was noted as ${digest} and is missing`;
    yield { key: found[0]?.key ?? '', sequence, problem: 'NotAsKnown', message: `record ${sequence} ${state}` };
  }
}
