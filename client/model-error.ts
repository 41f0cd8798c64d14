import { RegistryError } from '../core/registry-error';

/** What kept a model from being called. */
type ModelCode = 'ModelEnded' | 'ModelLegacy' | 'ModelNotEnabled' | 'ModelInvalid' | 'ModelNeedsProfile';

const OTHER_MODEL = 'release a version with another model';

/**
 * By message and not by name: under `ResourceNotFoundException`, `AccessDeniedException` and `ValidationException`
 * Bedrock speaks of versions, models, accounts and guardrails, and it has changed names under one text.
 * test/client/model-error.test.ts holds each message with the place where users have seen it.
 */
const MODEL_ERRORS: readonly (readonly [ModelCode, RegExp, why: string])[] = [
  ['ModelEnded', /reached the end of its life/i, `has ended; ${OTHER_MODEL}`],
  [
    'ModelLegacy',
    /marked by provider as legacy/i,
    `is legacy, and closed to accounts that did not use it; ${OTHER_MODEL}`,
  ],
  [
    'ModelNeedsProfile',
    /on-demand throughput isn.t supported|doesn.t support on-demand throughput/i,
    'needs an inference profile; release a version whose model is one, such as us.…',
  ],
  [
    'ModelInvalid',
    /model identifier is invalid|could not resolve the foundation model/i,
    `does not exist in this Region; ${OTHER_MODEL}`,
  ],
  [
    'ModelNotEnabled',
    /have access to the model|model access is denied|use.case (details|form)|^operation not allowed|unsupported countries|perform: bedrock:InvokeModel/i,
    'is not open to this account or role; enable it in Bedrock, use alias.grants.invoke(fn), or name prompt.guardrail',
  ],
];

/** Names that say nothing of a model, whatever their message. */
const PASSING = /throttl|toomany|quota|time|unavailable|internal/i;

/** What an error from a call says of the model, if it does. */
export function readModelError(error: unknown): { code: ModelCode; why: string; named?: string } | undefined {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  const [code, , why] = MODEL_ERRORS.find(([, text]) => text.test(`${message}`)) ?? [];
  if (!code || !why || PASSING.test(`${name}`)) return undefined;
  return { code, why, named: /model ID (\S+) with/i.exec(`${message}`)?.[1] };
}

/**
 * The typed error, if what was thrown speaks of a version's model; undefined where it names another one.
 *
 * @param modelId undefined where the version's content is out of reach
 */
export function modelError(versionArn: string, modelId: string | undefined, cause: unknown): RegistryError | undefined {
  const read = readModelError(cause);
  if (!read || (read.named && modelId && !modelId.includes(read.named))) return undefined;
  const { code, named, why } = read;
  return new RegistryError(code, `model ${modelId ?? named ?? '(unknown)'} of ${versionArn} ${why}`, { cause });
}
