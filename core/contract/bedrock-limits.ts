/** Versions that Bedrock keeps of a prompt, not adjustable: https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock */
export const VERSION_LIMIT = 10;

/** The highest number of a version. */
export const HIGHEST_VERSION = 99_999;

/** Characters in the description of a prompt or a version: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_CreatePromptVersion.html */
export const DESCRIPTION_LENGTH = 200;
