import { GUARDRAIL_KEY } from '../../core/contract/guardrail';
import type { BoundGuardrail } from './bound-guardrail';

/** Values by key, by operator. */
type Conditions = Record<string, Record<string, string | readonly string[]>>;

/**
 * Allows a call only with a guardrail that is accepted. A numbered version stands behind the ARN in the key's value. The key
 * is there for InvokeModel and InvokeModelWithResponseStream, so for Converse and ConverseStream as well.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
 */
export function guardrailConditions(guardrail: BoundGuardrail | undefined): Conditions {
  if (guardrail === undefined) return {};
  return { [guardrail.acceptsNone ? 'StringEqualsIfExists' : 'StringEquals']: { [GUARDRAIL_KEY]: named(guardrail) } };
}

/** Holds for every call that `guardrailConditions` does not allow: a missing key is not equal to anything. */
export function withoutGuardrail(guardrail: BoundGuardrail): Conditions {
  return {
    StringNotEquals: { [GUARDRAIL_KEY]: named(guardrail) },
    ...(guardrail.acceptsNone && { Null: { [GUARDRAIL_KEY]: 'false' } }),
  };
}

function named({ accepted }: BoundGuardrail): string | readonly string[] {
  return accepted.length === 1 ? (accepted[0] as string) : accepted;
}
