// Names of the environment variables by which a function learns where its prompts are: a grant sets them, the runtime
// client's `fromEnvironment()` reads them.

/** Parameter prefix of the registry, such as `/prompts/prod`. */
export const PREFIX_VARIABLE = 'PROMPT_REGISTRY_PREFIX';
/** Alias that is meant when the code names none; unset where a function was granted several. */
export const ALIAS_VARIABLE = 'PROMPT_REGISTRY_ALIAS';
/** What models cost, as JSON. */
export const PRICES_VARIABLE = 'PROMPT_REGISTRY_PRICES';
/** Path of a snapshot file. */
export const SNAPSHOT_VARIABLE = 'PROMPT_REGISTRY_SNAPSHOT';
