import type { CallableSlotPart } from '../../core/contract/release-plan-resource';
import type { ModelArns } from '../model-arns';
import type { PromptAddress } from '../prompt-address';

type SlotAttribute = `${CallableSlotPart}${number}`;

/** One version that callers may use. */
export interface CallableVersion {
  readonly version: number;
  readonly models: ModelArns;
}

/**
 * The slots the caller policy is filled from. Their number is fixed, since `Fn::GetAtt` cannot ask how many there are;
 * an empty one holds an ARN that cannot exist (IAM refuses an empty string).
 */
export function callableAttributes(
  callable: readonly CallableVersion[],
  slots: number,
  { partition, region, account, arn }: PromptAddress,
): Readonly<Record<SlotAttribute, string>> {
  const noPrompt = `arn:${partition}:bedrock:${region}:${account}:prompt/none`;
  const noModel = `arn:${partition}:bedrock:${region}::foundation-model/none`;
  const noProfile = `arn:${partition}:bedrock:${region}:${account}:inference-profile/none`;
  const attributes: Record<SlotAttribute, string> = {};
  for (let slot = 1; slot <= slots; slot++) {
    const { version, models } = callable[slot - 1] ?? { version: undefined, models: {} as ModelArns };
    attributes[`CallableArn${slot}`] = version === undefined ? noPrompt : `${arn}:${version}`;
    attributes[`ModelArn${slot}`] = models.model ?? noModel;
    attributes[`ProfileArn${slot}`] = models.profile ?? noProfile;
    attributes[`ProfileModelArn${slot}`] = models.profileModel ?? noModel;
    attributes[`GlobalModelArn${slot}`] = models.globalModel ?? noModel;
  }
  return attributes;
}
