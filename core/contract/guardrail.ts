/** The condition key that holds the guardrail of a call: https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html */
export const GUARDRAIL_KEY = 'bedrock:GuardrailIdentifier';

/**
 * ARN of a guardrail, and its numbered version. DRAFT can change at any time and is none.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConfiguration.html
 */
export const GUARDRAIL_ARN_PATTERN = 'arn:aws(?:-[a-z-]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+';
export const GUARDRAIL_VERSION_PATTERN = '[1-9][0-9]{0,7}';

/** Name of the parameter that tells clients which guardrail to name: its value is `arn:…:guardrail/ID:3`, or `none`. */
export function guardrailParameterName(pointer: string): string {
  return `${pointer}/guardrail`;
}

/** One version of a guardrail, as `guardrailConfig` of Converse and ConverseStream takes it. */
export interface GuardrailVersion {
  readonly guardrailIdentifier: string;
  readonly guardrailVersion: string;
}

/** As the parameter's own pattern lets it stand there; short, for the client's size. */
const NAMED = /^(arn:\S+:guardrail\/\w+):([1-9]\d*)$/;

/** Takes `arn:…:guardrail/ID:3` apart; undefined for `none` and any other text. */
export function parseGuardrail(text: string | undefined): GuardrailVersion | undefined {
  const [, guardrailIdentifier, guardrailVersion] = NAMED.exec(text ?? '') ?? [];
  return guardrailIdentifier && guardrailVersion ? { guardrailIdentifier, guardrailVersion } : undefined;
}
