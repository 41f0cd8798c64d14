/**
 * Text from a registry as a terminal may show it: control characters and direction marks written out (`\x1b`), so that a
 * prompt cannot move the cursor, recolour the screen or show its words in another order. Tabs and line ends stay.
 */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, written);
}

/** The same in one line: a name that holds a line end cannot add a line that looks like one of ours. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\t\n\u2028\u2029]/g, written);
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** C0 but tab and line feed, DEL, C1, and what Unicode calls bidirectional controls. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g;
