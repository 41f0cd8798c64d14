import type { IConstruct } from 'constructs';
import { appMemory } from './app-memory';

const known = appMemory('scores', (): { scores?: readonly string[] } => ({}));

/** Names of the scores that an alias's split lists, kept with the alias. */
export function rememberScores(alias: IConstruct, scores: readonly string[]): void {
  known(alias).scores = scores;
}

/** None where the alias has no split, or is another app's. */
export function aliasScores(alias: IConstruct): readonly string[] {
  return known(alias).scores ?? [];
}
