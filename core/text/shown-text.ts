/**
 * Whether CloudFormation shows a text as this. Its describe calls are reported to answer `?` for every character beyond
 * ASCII, though it works with the characters themselves; one outside the basic plane may count as two.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/814 and /1220
 */
export function isShownAs(text: string, shown: string): boolean {
  if (text === shown) return true;
  // Where in what is shown the characters so far may end: a pattern of many `??` would take its time by the power.
  let ends = new Set([0]);
  for (const character of text) {
    const next = new Set<number>();
    for (const at of ends) {
      if (character <= '\x7f' ? shown[at] === character : shown[at] === '?') next.add(at + 1);
      if (character.length > 1 && shown.startsWith('??', at)) next.add(at + 2);
    }
    ends = next;
  }
  return ends.has(shown.length);
}

/** Whether a text that CloudFormation shows may stand for several: a question mark, or a character beyond ASCII. */
export function isUnclear(shown: string): boolean {
  return shown.includes('?');
}
