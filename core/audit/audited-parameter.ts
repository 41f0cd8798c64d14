import type { AuditedRegistry } from './audit-rule';
import type { ParameterEvidence, StackEvidence } from './evidence';
import type { SurveyedChain } from './ledger-survey';

/** One alias's parameter with what the registry knows of it. */
export interface AuditedParameter extends AuditedRegistry {
  readonly parameter: ParameterEvidence;
  readonly chain: SurveyedChain;
  /** The stack that has the alias, or had it last. */
  readonly stack: StackEvidence | undefined;
  /** Whether a release is under way, or is left half-done: then ledger and parameter may differ. */
  readonly busy: boolean;
}

export function auditedParameters(audited: AuditedRegistry): AuditedParameter[] {
  const { evidence, survey } = audited;
  return (evidence.parameters ?? []).map((parameter) => {
    const { promptId, alias, stackId } = parameter;
    const found = survey.chains.find((chain) => chain.promptId === promptId && chain.alias === alias);
    const chain = found ?? { promptId, alias, records: [], findings: [], notes: [], objects: new Map(), unread: false };
    const stack = evidence.stacks.get(stackId ?? chain.records.at(-1)?.stackId ?? '');
    const busy = /_IN_PROGRESS$|ROLLBACK_FAILED$/.test(stack?.status ?? '');
    return { ...audited, parameter, chain, stack, busy };
  });
}
