import { RegistryError } from '../core/registry-error';
import type { InferenceProfile, InferenceProfiles } from './inference-profiles';
import type { PromptAddress } from './prompt-address';

/**
 * What IAM has to allow so that a version can run its model. Undefined where nothing of the kind is needed.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
export interface ModelArns {
  /** A plain model, or whatever else is invoked by its own ARN (provisioned, custom, prompt router). */
  readonly model?: string;
  readonly profile?: string;
  /** The profile's model in every Region, to be allowed only through the profile. */
  readonly profileModel?: string;
  /** The Region-less ARN that `global.` profiles route to as well. */
  readonly globalModel?: string;
}

/** What IAM reads as a pattern or a variable in a policy's Resource. */
const WILDCARD = /[*?$]/;

/**
 * The ARNs behind a version's model id. Asks Bedrock where the id may be an inference profile.
 * @throws RegistryError `UnsupportedModel` for a profile over several models, which the policy has no slot for, and for wildcards
 */
export async function modelArns(
  modelId: string | null,
  { partition, region }: PromptAddress,
  profiles: InferenceProfiles,
): Promise<ModelArns> {
  if (modelId === null || modelId === '') return {};
  if (WILDCARD.test(modelId)) {
    throw new RegistryError(
      'UnsupportedModel',
      `expected a model id without *, ? and $, found ${modelId}: it would become a pattern in the callers' policy; name one model`,
    );
  }
  const profileArn = /^arn:[^:]*:bedrock:[^:]*:[^:]*:(application-)?inference-profile\//;
  if (modelId.startsWith('arn:') && !profileArn.test(modelId)) return { model: modelId };
  const profile = mayBeProfile(modelId) ? await profiles.find(modelId) : undefined;
  if (profile !== undefined) return ofProfile(profile, partition);
  if (modelId.startsWith('arn:')) {
    throw new RegistryError(
      'NoSuchInferenceProfile',
      `its model is the inference profile ${modelId}, which does not exist; create the profile again, or release a version on another model`,
    );
  }
  return { model: `arn:${partition}:bedrock:${region}::foundation-model/${modelId}` };
}

/** The same without asking and without refusing, for a stack that goes back: what the id alone lets one know. */
export function guessedModelArns(modelId: string | null, { partition, region, account }: PromptAddress): ModelArns {
  if (modelId === null || modelId === '' || WILDCARD.test(modelId)) return {};
  if (modelId.includes('inference-profile/')) return { profile: modelId };
  if (modelId.startsWith('arn:')) return { model: modelId };
  const plain = { model: `arn:${partition}:bedrock:${region}::foundation-model/${modelId}` };
  if (!/^(us|us-gov|eu|apac|au|ca|jp|global)\./.test(modelId)) return plain;
  const model = modelId.slice(modelId.indexOf('.') + 1);
  return {
    profile: `arn:${partition}:bedrock:${region}:${account}:inference-profile/${modelId}`,
    profileModel: `arn:${partition}:bedrock:*::foundation-model/${model}`,
    ...(modelId.startsWith('global.') && { globalModel: `arn:${partition}:bedrock:::foundation-model/${model}` }),
  };
}

/** `amazon.nova-pro-v1:0` is a model; `us.amazon.nova-pro-v1:0` is a profile, `deepseek.v3.2` is not: only Bedrock knows. */
function mayBeProfile(modelId: string): boolean {
  if (modelId.startsWith('arn:')) return true;
  const dots = (modelId.split(':')[0] ?? '').split('.').length - 1;
  return dots !== 1;
}

function ofProfile(profile: InferenceProfile, partition: string): ModelArns {
  const models = [...new Set(profile.modelArns.map((arn) => arn.slice(arn.indexOf('/') + 1)))];
  const [model] = models;
  if (model === undefined || models.length > 1) {
    throw new RegistryError(
      'UnsupportedModel',
      `expected the inference profile ${profile.id} to route to one model, found ${models.join(', ') || 'none'}; use a profile over one model`,
    );
  }
  const isGlobal = profile.id.startsWith('global.') || profile.modelArns.some((arn) => arn.includes(':bedrock:::'));
  return {
    profile: profile.arn,
    profileModel: `arn:${partition}:bedrock:*::foundation-model/${model}`,
    ...(isGlobal && { globalModel: `arn:${partition}:bedrock:::foundation-model/${model}` }),
  };
}
