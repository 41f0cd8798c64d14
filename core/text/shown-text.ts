/**
 * Whether CloudFormation shows a text as this. Its describe calls are reported to answer `?` for every character beyond
 * ASCII, though it works with the characters themselves; one outside the basic plane may count as two.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/814 and /1220
 */
export function isShownAs(text: string, shown: string): boolean {
  if (text === shown) return true;
  const pattern = [...text].map((character) => {
    if (character.length > 1) return '\\?{1,2}';
    return character > '\x7f' ? '\\?' : character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  });
  return new RegExp(`^${pattern.join('')}$`, 's').test(shown);
}

/** Whether a text that CloudFormation shows may stand for several: a question mark, or a character beyond ASCII. */
export function isUnclear(shown: string): boolean {
  return shown.includes('?');
}
