import type { Report } from './finding';
import type { LedgerSurvey } from './ledger-survey';

/** Order, gaps, digests and continuity of each alias's records. */
export function chainFindings({ chains }: LedgerSurvey, report: Report): void {
  for (const { findings, records, objects, alias } of chains) {
    for (const { problem, key, message } of findings) report(problem, key, message);
    for (const [index, { sequence, time }] of records.entries()) {
      const before = records[index - 1];
      if (before && Date.parse(time) < Date.parse(before.time) - 60_000) {
        const key = objects.get(sequence)?.key ?? alias;
        report('TimeRunsBack', key, `says ${time}; record ${before.sequence}, which it follows, says ${before.time}`);
      }
    }
  }
}
