import { canonicalJson } from '../content/canonical-json';
import { ledgerKey, sequenceOfKey } from './layout';
import { type ChainEntry, type ChainFinding, type ChainKind, type Link, verifyLinks } from './linked-chain';
import { type LedgerRecord, parseRecord } from './record';
import { unknownFeatures } from './record-schema-2';

export type { ChainEntry, ChainFinding, ChainProblem } from './linked-chain';

export interface VerifiedChain {
  /** Those that could be read, oldest first. */
  readonly records: LedgerRecord[];
  /** Empty for a chain that holds. */
  readonly findings: ChainFinding[];
  /** Worth knowing, and nothing wrong with the chain. */
  readonly notes: ChainFinding[];
}

/** The records of one alias: each begins where the one before ended. */
const ALIAS_CHAIN: ChainKind<LedgerRecord> = {
  sequenceOf: sequenceOfKey,
  parse: parseRecord,
  root: null,
  placeOf: ({ promptId, alias, sequence }) => ledgerKey(promptId, alias, sequence),
  isSame: (record, other) =>
    record.promptId === other.promptId && record.prompt === other.prompt && record.alias === other.alias,
  subject: ({ prompt, alias }) => `${prompt}/${alias}`,
  break: (record, before) => {
    const starts = before.length > 0 ? before.map(({ to }) => to) : [null];
    if (starts.some((start) => canonicalJson(start) === canonicalJson(record.from))) return undefined;
    const [found, expected] = [record.from, starts[0]].map((place) => (place ? `version ${place.version}` : 'nowhere'));
    return `begins at ${found}, the record before ended at ${expected}`;
  },
};

/**
 * Checks the ledger of one alias, as `verifyLinks` checks any chain, and that each record begins where the one before ended.
 *
 * @param entries of one alias, in any order
 * @param known digests of records that were noted elsewhere (a log, a ticket), by sequence number
 */
export function verifyChain(
  entries: readonly ChainEntry[],
  known: ReadonlyMap<number, string> = new Map(),
): VerifiedChain {
  const { links, findings } = verifyLinks(entries, ALIAS_CHAIN, known);
  return { records: links.flatMap((link) => link.record ?? []), findings, notes: links.flatMap(notesOn) };
}

function notesOn({ key, sequence, record }: Link<LedgerRecord>): ChainFinding[] {
  const unknown = record ? unknownFeatures(record) : [];
  if (unknown.length === 0) return [];
  const message = `record ${sequence} needs ${unknown.join(', ')}, which this version of cdk-prompt-registry does not know: its move is shown, what callers got from it on is not judged`;
  return [{ key, sequence, problem: 'NotJudged', message }];
}
