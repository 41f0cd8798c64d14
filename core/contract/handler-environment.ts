// Names of the environment variables of the registry's functions: the constructs set them, the functions read them, and
// the command reads them off templates and functions. A name that only one of them spells otherwise is a registry whose
// gates nobody asks.

/** Name of the ledger bucket. */
export const LEDGER_BUCKET_VARIABLE = 'LEDGER_BUCKET';
/** Parameter prefix of the registry. */
export const PARAMETER_PREFIX_VARIABLE = 'PARAMETER_PREFIX';
/** Gates by alias, as `formatGatesByAlias()` writes them; unset where there are none. */
export const GATES_VARIABLE = 'GATES';
/** ARN of the topic of `PromptChangeNotifications`. */
export const TOPIC_VARIABLE = 'TOPIC';
/** Seconds that IAM gets to spread a policy. */
export const PROPAGATION_VARIABLE = 'PROPAGATION_SECONDS';
