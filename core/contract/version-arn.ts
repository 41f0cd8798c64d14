/**
 * Bedrock's id of a prompt. Those it gives today are in capitals, its pattern takes small letters as well.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_ListPrompts.html
 */
export const PROMPT_ID_PATTERN = '[0-9a-zA-Z]{10}';

/** The number of a version; for use inside a longer pattern. */
export const VERSION_PATTERN = '[1-9][0-9]{0,4}';

/**
 * The ARN of a prompt's version as CloudFormation's patterns and ours take it. That of the draft has no number.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html#amazonbedrock-resources-for-iam-policies
 */
export const VERSION_ARN_PATTERN = `arn:[a-z0-9-]+:bedrock:[a-z0-9-]+:[0-9]{12}:prompt/${PROMPT_ID_PATTERN}:${VERSION_PATTERN}`;

/** Id and number in a version's ARN. */
export interface VersionOfArn {
  readonly promptId: string;
  readonly version: number;
}

const ANY_VERSION_ARN = new RegExp(`^arn:[^:]+:bedrock:[^:]*:[^:]*:prompt/(\\w+):(${VERSION_PATTERN})$`);

/** Takes a version's ARN apart; null for any other text, `none` and the draft's ARN among them. */
export function parseVersionArn(arn: string | undefined): VersionOfArn | null {
  const [, promptId = '', version] = ANY_VERSION_ARN.exec(arn ?? '') ?? [];
  return version === undefined ? null : { promptId, version: Number(version) };
}

/** Number at the end of a version's ARN; null for any other text. */
export function versionOfArn(arn: string | undefined): number | null {
  return parseVersionArn(arn)?.version ?? null;
}
