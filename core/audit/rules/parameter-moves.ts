import type { AuditRule } from '../audit-rule';
import type { AuditedParameter } from '../audited-parameter';
import type { ParameterWrite } from '../evidence';
import type { Report } from '../finding';
import { listedWrites } from '../listed-writes';
import { followMoves } from '../parameter-moves';
import { shownValue, versionIn } from '../parameter-value';
import { isByHand, writingCall } from '../parameter-writer';

type Problem = 'ParameterUnexplained' | 'MoveWithoutParameter' | 'ParameterDiffers';

/** Each alias's parameter and its history against the moves of the ledger. */
export const parameterMoves: AuditRule<AuditedParameter, Problem> = {
  name: 'parameter-moves',
  reads: "every value of each alias's parameter, and the alias's moves in the ledger",
  finds: {
    ParameterUnexplained: "an alias's parameter had a value that no move of the ledger explains",
    MoveWithoutParameter: 'a record moved an alias, and its parameter was never set to that version',
    ParameterDiffers: "an alias's parameter points elsewhere than the newest record",
  },
  run(audited, report) {
    const { parameter, chain, busy, evidence } = audited;
    const { history, name } = parameter;
    if (history === null || chain.unread) return;
    const listed = listedWrites(history, evidence);
    const byHand = (write: ParameterWrite) => isByHand(audited, write, writingCall(audited, write));
    const { unexplained, missing, expected } = followMoves(chain.records, listed, chain.promptId);
    for (const write of unexplained) if (!byHand(write)) reportUnexplained(name, write, report);
    const last = listed.at(-1);
    if (last === undefined || busy || listed.length < history.length) return;
    if (missing?.record) {
      const { sequence, time } = missing.record;
      report(
        'MoveWithoutParameter',
        chain.objects.get(sequence)?.key ?? '',
        `moved ${chain.alias} to version ${missing.to} at ${time}; the parameter was never set to it: the record was not written by a release`,
      );
    }
    const found = versionIn(last.value, chain.promptId);
    if (byHand(last) || found === expected || (chain.records.length === 0 && found === null)) return;
    report(
      'ParameterDiffers',
      name,
      `points to ${shownValue(last.value)}, the newest record of the ledger to ${expected === null ? 'nothing' : `version ${expected}`}`,
    );
  },
};

function reportUnexplained(
  name: string,
  { version, value, time, user }: ParameterWrite,
  report: Report<Problem>,
): void {
  report(
    'ParameterUnexplained',
    `${name}:${version}`,
    `was set to ${shownValue(value)} at ${time} by ${user || 'nobody named'}; the ledger has no such move there: the parameter was written by hand, or its record was removed or rewritten`,
  );
}
