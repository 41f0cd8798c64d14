/** What an alias asks its callers to name, once it belongs to an alias. Values may be tokens. */
export interface BoundGuardrail {
  /** What clients are told: `arn:…:guardrail/ID:3`, or `none`. */
  readonly named: string;
  /** What IAM lets callers name: one, or two in a change from one to the other. */
  readonly accepted: readonly string[];
  /** Whether it also lets them name none. */
  readonly acceptsNone: boolean;
  /** The guardrails themselves, without versions. */
  readonly arns: readonly string[];
}
