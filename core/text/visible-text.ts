/**
 * Text from a registry as people may read it: what a reader cannot see is written out (`\x1b`, `\u{200b}`), so that a text
 * cannot move a cursor, recolour a screen, change the order of its words or hide some of them. Tabs and line ends stay.
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, written);
}

/** The same in one line: a name that holds a line end cannot add a line that looks like one of ours. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\t\n]/g, written);
}

/** JSON of the same value, in which what a reader cannot see is an escape. */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Default-ignorable characters (zero width, direction marks, fillers, variation selectors, tags); control and format
 * characters but those that Arabic and its relatives put visibly before numbers; private use, unassigned and half
 * characters, of which nobody knows the shape; every space that is not U+0020, and three blanks that Unicode calls letters
 * or symbols.
 *
 * @see https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const UNSEEN =
  /(?![\t\n \u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\u2800\u{16fe4}\u{1d159}]/gu;
