import { formatGates, type Gate, gatesInForce } from '../../release/gate';
import { kindOf } from '../../release/gates/kinds';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { KeptGates } from '../evidence';
import { type RecordedMove, recordedMoves } from '../moves';

/** No move went round a gate: neither one that the auditor keeps, nor one that the alias had before. */
export const gates: AuditRule<AuditedRegistry, 'GateGone'> = {
  name: 'gates',
  reads:
    'the gates by which each move was let through, those of the moves before, and those that the auditor keeps (`--gates`)',
  finds: {
    GateGone:
      'an alias moved forward without a gate that it had before, or that the auditor keeps for it: somebody took the gate away',
  },
  run({ evidence: { keptGates }, survey }, report) {
    for (const chain of survey.chains) {
      let earlier: readonly Gate[] = [];
      for (const move of recordedMoves(chain)) {
        const passed = move.agreed?.gates as readonly Gate[] | undefined;
        const wrong = move.back ? undefined : wentRound(passed, keptFor(move, keptGates), earlier);
        if (wrong !== undefined) report('GateGone', move.key, `moved to version ${move.target.version} by ${wrong}`);
        earlier = passed ?? earlier;
      }
    }
  },
};

/** @param passed undefined where no gate applied */
function wentRound(
  passed: readonly Gate[] | undefined,
  kept: readonly Gate[] | undefined,
  earlier: readonly Gate[],
): string | undefined {
  if (passed?.length === 0) return 'an agreement without any gate';
  const gone = (kept ?? earlier).filter((gate) => !passed?.some((one) => isAsStrict(one, gate)));
  if (gone.length === 0) return undefined;
  const by = passed === undefined ? 'no gate' : formatGates(passed);
  return `${by}, without ${formatGates(gone)}, which ${kept ? 'the auditor keeps' : 'the alias had before'}`;
}

/** Undefined for a move of before the auditor kept gates, and where none are kept. */
function keptFor({ record }: RecordedMove, kept: KeptGates | undefined): readonly Gate[] | undefined {
  if (!kept || Date.parse(record.time) < Date.parse(kept.since ?? record.time)) return undefined;
  return gatesInForce(kept.gates, record.alias);
}

function isAsStrict(gate: Gate, expected: Gate): boolean {
  const kind = kindOf(expected);
  if (kind === undefined || kind !== kindOf(gate)) return formatGates([gate]) === formatGates([expected]);
  return kind.isAsStrict(gate, expected);
}
