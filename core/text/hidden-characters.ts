/** A character that takes part in a text and that nobody sees. */
export interface HiddenCharacter {
  /** From 1. */
  readonly line: number;
  /** `U+200B` */
  readonly codePoint: string;
}

/**
 * Characters that a model reads and a reviewer does not see, in their order. Spaces of any width do not count, nor do the
 * joiners and the variation selector inside an emoji, nor lone carriage returns, which editors show as line ends.
 */
export function hiddenCharacters(text: string): HiddenCharacter[] {
  return text.split(/\r\n|\n|\r/).flatMap((content, index) =>
    Array.from(content.replace(EMOJI, '').matchAll(HIDDEN), ([character]) => ({
      line: index + 1,
      codePoint: `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    })),
  );
}

/** One pictogram, or several joined, as keyboards write them; keycaps as well. Tags, as flags have them, can say anything. */
const EMOJI =
  /\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?(?:\u200d\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?)*|[#*0-9]\ufe0f\u20e3/gu;

/** As in visible-text.ts, without spaces. */
const HIDDEN =
  /(?![\t\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Default_Ignorable_Code_Point}\p{C}\u2800\u{16fe4}\u{1d159}]/gu;
