import { RegistryError } from '../core/registry-error';
import { modelError, readModelError } from './model-error';
import { isVersionRefusal } from './refusal';
import type { VersionCheck } from './version-check';

/** A right that is neither one to the version nor one to its model: another service's, or a guardrail's. */
const FOREIGN = /not authorized to perform: (?!bedrock:(GetPrompt|RenderPrompt|InvokeModel))|guardrail/i;
/** AWS's words for a missing `bedrock:RenderPrompt`, which name no right. */
const OF_A_PROMPT = /RenderPrompt|prompt resource|:prompt\//;

/**
 * What an error says that `run`'s callback threw: that the version was taken away, that its model cannot be called, or
 * (undefined) nothing of either, since the callback calls whatever it likes.
 *
 * That a version was taken away is only believed after Bedrock was asked about that version: a guardrail, a table or a
 * tool fail under the same names.
 */
export async function judge(
  error: unknown,
  versionArn: string,
  check: VersionCheck,
): Promise<RegistryError | undefined> {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  const isOfModel = readModelError(error) !== undefined;
  const isDoubtful = /^(AccessDenied|ResourceNotFound)/i.test(`${name}`) || OF_A_PROMPT.test(`${message}`);
  if (error instanceof RegistryError || !(isOfModel || isDoubtful) || (FOREIGN.test(`${message}`) && !isOfModel))
    return undefined;
  try {
    const { variant } = await check(versionArn);
    return modelError(versionArn, variant.modelId, error);
  } catch (refusal) {
    if (isVersionRefusal(refusal)) return refusal;
    const cannotAsk = refusal instanceof RegistryError && OF_A_PROMPT.test(`${message}`);
    if (cannotAsk) return new RegistryError('VersionRefused', `${versionArn} was refused (${name})`, { cause: error });
    return modelError(versionArn, undefined, error);
  }
}
