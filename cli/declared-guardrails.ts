import { UNKNOWN } from '../core/audit/bucket-policy';
import { type GuardrailTerms, withoutGuardrailTerms } from '../core/audit/guardrail-shape';
import { list, object } from '../core/audit/trail-event';
import { logicalId, parameterName } from '../core/contract/names';
import type { StackAlias } from './registry-stack';
import { resolved, type StackFacts } from './resolved-template';

/** What callers have to name, as a template's caller policies say: by the name of an alias's parameter, where it is something. */
export function declaredGuardrails(
  prefix: string,
  aliases: readonly StackAlias[],
  facts: StackFacts,
): ReadonlyMap<string, GuardrailTerms> {
  const declared = aliases.flatMap(({ promptName, aliasName }) => {
    const policy = facts.template[logicalId(prefix, promptName, aliasName, 'CallerPolicy')];
    const terms = list(object(policy?.Properties?.PolicyDocument).Statement).flatMap((statement) => {
      const { Effect, Action, Condition } = object(statement);
      const callsModels = Effect === 'Allow' && [Action].flat().includes('bedrock:InvokeModel');
      return (callsModels && withoutGuardrailTerms(resolved(Condition, facts), 'Allow').terms) || [];
    });
    return terms.slice(0, 1).map((one) => [parameterName(prefix, promptName, aliasName), known(one)] as const);
  });
  return new Map(declared);
}

function known({ accepted, acceptsNone }: GuardrailTerms): GuardrailTerms {
  return { accepted: accepted.map((one) => (one === null || one.includes(UNKNOWN) ? null : one)), acceptsNone };
}
