import { evaluationCalls } from '../../core/audit/evaluation-calls';
import { evaluationsWithRows } from '../../core/audit/evaluation-rows';
import type { AuditEvidence } from '../../core/audit/evidence';
import type { LedgerSurvey } from '../../core/audit/ledger-survey';
import { plural } from '../../studio/plural';

/** How many signed evaluations were compared with rows, to go behind what else was looked at. */
export function withRows({ rows }: AuditEvidence, survey: LedgerSurvey): string {
  const all = evaluationsWithRows(survey, rows ?? []);
  if (all.length === 0) return '';
  if (rows === undefined) return `, ${plural(all.length, 'evaluation')} not compared with rows`;
  const compared = all.filter(({ own, other }) => own.length + other.length > 0);
  return `, ${compared.length} of ${plural(all.length, 'evaluation')} compared with rows`;
}

/** How many were compared with what CloudTrail has of their calls. */
export function withCalls(evidence: AuditEvidence, survey: LedgerSurvey): string {
  const all = evidence.trail ? evaluationCalls({ evidence, survey, trail: evidence.trail }) : [];
  if (all.length === 0) return '';
  const compared = all.filter(({ standing }) => standing === 'compared');
  return `, ${compared.length} of ${plural(all.length, 'evaluation')} compared with renderings`;
}
