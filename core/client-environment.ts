/**
 * Names of the environment variables by which a function learns where its prompts are: a grant sets them, the runtime
 * client's `fromEnvironment()` reads them.
 */
export const CLIENT_ENVIRONMENT = {
  /** Parameter prefix of the registry, such as `/prompts/prod`. */
  parameterPrefix: 'PROMPT_REGISTRY_PREFIX',
  /** Alias that is meant when the code names none; unset where a function was granted several. */
  alias: 'PROMPT_REGISTRY_ALIAS',
  /** Path of a snapshot file. */
  snapshot: 'PROMPT_REGISTRY_SNAPSHOT',
} as const;
