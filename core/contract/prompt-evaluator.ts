/** The variable that holds an evaluator's settings: what the construct writes and its function reads. */
export const EVALUATOR_VARIABLE = 'EVALUATOR';

/** The file with the suites, next to the function's code: `EvaluationSuite` by digest. */
export const SUITES_FILE = 'suites.json';

/** Settings of one evaluator, as JSON; Lambda takes 4 KB of variables altogether. */
export interface EvaluatorSettings {
  readonly schema: 1;
  /** Bucket of the evaluator's own, with answers and runs. */
  readonly bucket: string;
  /** The group that it signs for. */
  readonly group: string;
  /** Id of its role, which `aws:userid` begins with. */
  readonly roleId: string;
  readonly tokensPerMinute: number;
  readonly topic: string | null;
  readonly prompts: readonly EvaluatedPromptSettings[];
}

export interface EvaluatedPromptSettings {
  readonly prompt: string;
  readonly promptArn: string;
  /** The alias whose version is measured when `live` moved. */
  readonly candidate: string;
  /** The alias that its reviews are for. */
  readonly live: string;
  /** Suite digest, `es1:…`. */
  readonly suite: string;
  /** What callers of the aliases must name, `arn:…:guardrail/ID:3`; absent where they need none. */
  readonly guardrail?: string;
}

/** Folders of the evaluator's bucket. */
export const EVALUATOR_FOLDERS = {
  /** A folder for each run under way: what is measured, each answer, the review, the end. */
  jobs: 'jobs/',
  /** Finished runs, as `prompt-registry evaluate` writes them. */
  runs: 'runs/',
  /** An object here starts another invocation. */
  next: 'next/',
} as const;
