import type { PromptFallback } from './fallback';
import type { UseOptions } from './managed-prompt';

export interface GetOptions {
  /** @default - the client's own alias */
  readonly alias?: string;
  /**
   * What to serve when SSM is out of reach and nothing else is known. Never served after a refusal.
   * @default - the call fails
   */
  readonly fallback?: PromptFallback;
  /**
   * Whom a rollout gives the same version again: a user's id, say. It is not written anywhere, only what it hashes to.
   * @default - the `sessionId`; without either each call is drawn by itself
   */
  readonly targetingKey?: string;
  /** As in `UseOptions`, for all uses of the prompt. */
  readonly sessionId?: string;
}

export interface RunOptions extends GetOptions, UseOptions {}
