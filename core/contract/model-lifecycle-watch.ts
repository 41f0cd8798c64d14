/** Name of the environment variable with the {@link WatchSettings}. */
export const WATCH_VARIABLE = 'MODEL_LIFECYCLE_WATCH';

/** What the construct knows and the ledger does not say. */
export interface WatchSettings {
  readonly schema: 1;
  /** ARN of the topic; null for none. */
  readonly topic: string | null;
  /** A message is sent where a model ends in fewer days. */
  readonly within: number;
  /** `PROMPT/ALIAS` → how many versions its callers may use, where it is not {@link USUAL_CALLABLE}. */
  readonly callable: { readonly [alias: string]: number };
  /** Model id → what to use instead, as the lock file says. */
  readonly successors: { readonly [modelId: string]: string };
}

/** How many versions callers of an alias may use where its stack says nothing else. */
export const USUAL_CALLABLE = 2;

/** The `source` of events of stacks: after a deployment there are metrics and no message, which comes once a day. */
export const STACKS = 'aws.cloudformation';

/** In `PROMPT_METRICS.namespace`. */
export const WATCH_METRICS = {
  /** By prompt, alias and model, and over all of a registry, where its minimum counts. Absent where no end is known. */
  days: { name: 'DaysToModelEnd', dimensions: [['Registry', 'Prompt', 'Alias', 'Model'], ['Registry']] },
  /** How many models and aliases could not be judged: each run writes it, 0 as well. */
  unread: { name: 'ModelsUnread', dimensions: [['Registry']] },
} as const;
