import type { AuditEvidence } from './evidence';
import { type Finding, reporter } from './finding';
import { type LedgerSurvey, surveyLedger } from './ledger-survey';
import { ParameterEvents } from './parameter-events';
import { RULES } from './rules';

export interface VerifiedEvidence {
  readonly survey: LedgerSurvey;
  readonly findings: readonly Finding[];
}

/** All rules over what was read of a registry. What was not read is not judged. */
export function verifyEvidence(evidence: AuditEvidence): VerifiedEvidence {
  const survey = surveyLedger(evidence.objects);
  const registry = { evidence, survey, parameterEvents: new ParameterEvents(evidence.trail?.events ?? []) };
  const findings: Finding[] = [];
  for (const { check, run } of RULES) run(registry, reporter(check, findings));
  return { survey, findings };
}
