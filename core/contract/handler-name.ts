/** The registry's functions: names of their folders in `lambda/` and in the package. */
export const HANDLER_NAMES = ['prompt-version', 'prompt-release-plan', 'prompt-alias'] as const;

export type HandlerName = (typeof HANDLER_NAMES)[number];

/** What the logical id of each function ends with, before its hash. */
export const HANDLER_ROLES = {
  'prompt-version': 'VersionHandler',
  'prompt-release-plan': 'PlanHandler',
  'prompt-alias': 'AliasHandler',
} as const satisfies Record<HandlerName, string>;

/** Functions that CloudFormation does not call; each belongs to a construct of its own. */
export const OTHER_FUNCTION_NAMES = [
  'langfuse-endpoint',
  'model-lifecycle-watch',
  'prompt-evaluator',
  'prompt-rollout',
  'review-message',
] as const;
