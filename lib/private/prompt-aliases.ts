import type { ReleasablePrompt } from '../releasable-prompt';
import { appMemory } from './app-memory';

/** What a prompt has to know of its aliases. */
export interface AliasOfPrompt {
  readonly aliasName: string;
  readonly callableVersions: number;
  /** The target as the alias declares it; undefined when it follows the content. May be a token. */
  readonly pinned?: string;
}

const aliases = appMemory('aliases', (): AliasOfPrompt[] => []);

/** The aliases of a prompt so far, in the order of their definition. */
export function aliasesOf(prompt: ReleasablePrompt): readonly AliasOfPrompt[] {
  return aliases(prompt);
}

export function rememberAlias(prompt: ReleasablePrompt, alias: AliasOfPrompt): void {
  aliases(prompt).push(alias);
}
