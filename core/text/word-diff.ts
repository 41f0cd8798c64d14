import { diffWordsWithSpace } from 'diff';

/** What changed between two texts, word by word: `You are a [-balanced-]{+conservative+} advisor`. */
export function wordDiff(before: string, after: string): string {
  return diffWordsWithSpace(before, after)
    .map(({ value, added, removed }) => (added ? `{+${value}+}` : removed ? `[-${value}-]` : value))
    .join('');
}
