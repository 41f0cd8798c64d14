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
}

export interface RunOptions extends GetOptions, UseOptions {}
