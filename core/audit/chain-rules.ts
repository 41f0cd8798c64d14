import { ledgerKey } from '../ledger/layout';
import { recordDigest } from '../ledger/record';
import type { AuditEvidence } from './evidence';
import type { Report } from './finding';
import { type LedgerSurvey, wasRead } from './ledger-survey';

/** Order, gaps, digests and continuity of each alias's records, and whether the heads are there that were noted before. */
export function chainFindings({ knownHeads = [] }: AuditEvidence, { chains }: LedgerSurvey, report: Report): void {
  for (const { promptId, alias, sequence, digest } of knownHeads) {
    const chain = chains.find((one) => one.promptId === promptId && one.alias === alias);
    const object = chain?.objects.get(sequence);
    const body = object?.body;
    if (object && !wasRead(object)) continue;
    if (digest === null || (body !== undefined && recordDigest(body) === digest)) continue;
    const state = body === undefined ? 'is missing' : 'has another content';
    report(
      'NotAsKnown',
      ledgerKey(promptId, alias, sequence),
      `${state}: it was noted as record ${sequence} with the digest ${digest}`,
    );
  }
  for (const { findings, notes, records, objects, alias } of chains) {
    for (const { problem, key, message } of findings) report(problem, key, message);
    for (const { problem, key, message } of notes) report(problem, key, message, { level: 'note' });
    for (const [index, { sequence, time }] of records.entries()) {
      const before = records[index - 1];
      if (before && Date.parse(time) < Date.parse(before.time) - 60_000) {
        const key = objects.get(sequence)?.key ?? alias;
        report('TimeRunsBack', key, `says ${time}; record ${before.sequence}, which it follows, says ${before.time}`);
      }
    }
  }
}
