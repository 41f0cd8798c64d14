import { GUARDRAIL_ARN_PATTERN, GUARDRAIL_KEY, GUARDRAIL_VERSION_PATTERN } from '../contract/guardrail';
import { object } from './trail-event';

/** With which guardrail the callers of an alias may call a model. */
export interface GuardrailTerms {
  /** `arn:…:guardrail/ID:3`; null for one that only CloudFormation knows. */
  readonly accepted: readonly (string | null)[];
  /** Whether a call may also name none. */
  readonly acceptsNone: boolean;
}

const VERSION = new RegExp(`^(${GUARDRAIL_ARN_PATTERN}):${GUARDRAIL_VERSION_PATTERN}$`);

/**
 * Takes what a statement's condition says of guardrails out of it: null where it says nothing, undefined where it says
 * something that the registry never writes in a statement of this effect.
 */
export function withoutGuardrailTerms(
  condition: unknown,
  effect: 'Allow' | 'Deny',
): { terms: GuardrailTerms | null | undefined; rest: unknown } {
  const found = new Map<string, unknown>();
  const rest = Object.entries(object(condition)).flatMap(([operator, keys]) => {
    const { [GUARDRAIL_KEY]: value, ...others } = object(keys);
    if (value === undefined) return [[operator, keys]];
    found.set(operator, value);
    return Object.keys(others).length === 0 ? [] : [[operator, others]];
  });
  if (found.size === 0) return { terms: null, rest: condition };
  const terms = effect === 'Allow' ? allowedTerms(found) : deniedTerms(found);
  return { terms, rest: rest.length === 0 ? undefined : Object.fromEntries(rest) };
}

function allowedTerms(found: ReadonlyMap<string, unknown>): GuardrailTerms | undefined {
  const [[operator, value] = ['', undefined], ...more] = found;
  const isKnown = operator === 'StringEquals' || operator === 'StringEqualsIfExists';
  return isKnown && more.length === 0 ? termsOf(value, operator === 'StringEqualsIfExists') : undefined;
}

/** `Null` leaves calls out that name none. */
function deniedTerms(found: ReadonlyMap<string, unknown>): GuardrailTerms | undefined {
  const isKnown = [...found.keys()].every((operator) => operator === 'StringNotEquals' || operator === 'Null');
  const acceptsNone = found.has('Null');
  if (!isKnown || (acceptsNone && String(found.get('Null')) !== 'false')) return undefined;
  return termsOf(found.get('StringNotEquals'), acceptsNone);
}

/** Null for a value that only CloudFormation knows. */
function termsOf(value: unknown, acceptsNone: boolean): GuardrailTerms | undefined {
  const accepted = [value].flat();
  const areTexts = accepted.length > 0 && accepted.every((one) => typeof one === 'string' || one === null);
  return areTexts ? { accepted: accepted as (string | null)[], acceptsNone } : undefined;
}

/**
 * Whether a statement's terms are those of an alias.
 *
 * @param expected null for an alias without a guardrail, undefined where nobody knows
 */
export function sameTerms(found: GuardrailTerms | null, expected: GuardrailTerms | null | undefined): boolean {
  if (found !== null && !found.accepted.every((one) => one !== null && VERSION.test(one))) return false;
  if (expected === undefined || found === null || expected === null)
    return expected === undefined || found === expected;
  const known = expected.accepted.filter((one) => one !== null);
  return (
    found.acceptsNone === expected.acceptsNone &&
    new Set(found.accepted).size === expected.accepted.length &&
    known.every((one) => found.accepted.includes(one))
  );
}

/** ARNs of the guardrails that callers of an alias have to apply; null for those that only CloudFormation knows. */
export function guardrailsOf({ accepted }: GuardrailTerms): (string | null)[] {
  return [...new Set(accepted.map((one) => (one === null ? null : (VERSION.exec(one)?.[1] ?? null))))];
}

/** Whether a policy of an alias may let callers apply this guardrail. */
export function mayApply(arn: string, expected: GuardrailTerms | null | undefined): boolean {
  if (expected === null || !new RegExp(`^${GUARDRAIL_ARN_PATTERN}$`).test(arn)) return false;
  const arns = expected && guardrailsOf(expected);
  return arns === undefined || arns.includes(arn) || arns.includes(null);
}
