import { didYouMean } from '../core/text/did-you-mean';
import { CliError } from './cli-error';

/** Names of prompts in one message; more than a screen of them help nobody. */
const MOST_NAMES = 30;

/** @param place where it was looked for: `stack Prompts-prod` */
export function noSuchPrompt(promptName: string, place: string, names: readonly string[]): CliError {
  const meant = didYouMean(promptName, names);
  const others = names.length - MOST_NAMES;
  const listed = names.slice(0, MOST_NAMES).join(', ');
  const there =
    names.length === 0
      ? 'there are none'
      : `prompts there: ${listed}${others > 0 ? ` and ${others} more: prompt-registry list` : ''}`;
  return new CliError({
    what: `no prompt ${promptName} in ${place}`,
    fix: meant === undefined ? there : [`did you mean ${meant}?`, there],
  });
}
