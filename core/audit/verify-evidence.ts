import { archiveFindings, reasonFindings } from './archive-rules';
import { chainFindings } from './chain-rules';
import { cloudTrailFindings } from './cloudtrail-rules';
import type { AuditEvidence } from './evidence';
import { type Finding, reporter } from './finding';
import { type LedgerSurvey, surveyLedger } from './ledger-survey';
import { objectFindings } from './object-rules';
import { ParameterEvents } from './parameter-events';
import { parameterFindings } from './parameter-rules';
import { policyFindings } from './policy-rules';
import { StackOperations } from './stack-operations';
import { trailFileFindings } from './trail-file-rules';

export interface VerifiedEvidence {
  readonly survey: LedgerSurvey;
  readonly findings: readonly Finding[];
}

/** All rules over what was read of a registry. What was not read is not judged. */
export function verifyEvidence(evidence: AuditEvidence): VerifiedEvidence {
  const survey = surveyLedger(evidence.objects);
  const findings: Finding[] = [];
  const { trail } = evidence;
  const parameters = new ParameterEvents(trail?.events ?? []);
  chainFindings(evidence, survey, reporter('chains', findings));
  objectFindings(evidence, survey, reporter('objects', findings));
  archiveFindings(evidence, survey, reporter('archive', findings));
  reasonFindings(survey, reporter('reasons', findings));
  parameterFindings(evidence, survey, parameters, reporter('parameters', findings));
  policyFindings(evidence, reporter('policies', findings));
  if (trail) {
    const operations = new StackOperations(trail.events);
    cloudTrailFindings({ evidence, survey, trail, operations, parameters, report: reporter('CloudTrail', findings) });
  }
  trailFileFindings(evidence, reporter('trail files', findings));
  return { survey, findings };
}
