import type { PromptSource } from './pointed';

/**
 * One use of a prompt, as the access log, the span and the request's metadata tell it.
 *
 * A type and no interface: loggers that take any fields (Powertools') accept only what has an implicit index signature.
 */
export type PromptUse = {
  readonly operation: 'converse' | 'compile' | 'openai' | 'run';
  readonly prompt: string;
  readonly alias: string;
  /** Absent for a fallback. */
  readonly version?: number;
  readonly versionArn?: string;
  /** Absent while the content is not known. */
  readonly digest?: string;
  readonly source: PromptSource;
  /** Milliseconds. */
  readonly age: number;
  readonly sessionId?: string;
  /** Number of the rollout that is under way; with `share` and `key` absent where none is. */
  readonly plan?: number;
  /** Percent of the keys that get its candidate. */
  readonly share?: number;
  /** What the key hashes to, which is a pseudonym; absent where the call was drawn by itself. */
  readonly key?: string;
  /** Name of the error with which the candidate failed before this version was used in its place. */
  readonly candidateError?: string;
  /** What the caller named as the model, with `openai`. */
  readonly model?: string;
  /** Name of the error with which a `run` ended. */
  readonly error?: string;
};
