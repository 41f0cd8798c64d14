import type { AuditEvidence, EventEvidence } from './evidence';
import type { Report } from './finding';
import type { LedgerSurvey } from './ledger-survey';
import type { ParameterEvents } from './parameter-events';
import type { StackOperations } from './stack-operations';

/** One rule of the audit, or a few that look at the same evidence in one go. */
export interface AuditRule<Subject, Problem extends string> {
  /** Name of its file in core/audit/rules/. */
  readonly name: string;
  /** What each of its findings means, by the finding's name. docs/audit-rules.md is made of it. */
  readonly finds: Readonly<Record<Problem, string>>;
  /** The evidence that it compares. */
  readonly reads: string;
  readonly run: (subject: Subject, report: Report<Problem>) => void;
}

/** A registry as the rules see it. */
export interface AuditedRegistry {
  readonly evidence: AuditEvidence;
  readonly survey: LedgerSurvey;
  readonly parameterEvents: ParameterEvents;
}

/** A registry whose events were read. */
export interface AuditedTrail extends AuditedRegistry {
  readonly trail: EventEvidence;
}

export interface AuditedOperations extends AuditedTrail {
  readonly operations: StackOperations;
}
