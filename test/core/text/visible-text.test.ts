import { describe, expect, it } from 'vitest';
import { hiddenCharacters } from '../../../core/text/hidden-characters';
import { visibleJson, visibleLine, visibleText } from '../../../core/text/visible-text';

/** One of each kind, with how it is written out. */
const UNSEEN: readonly (readonly [string, string])[] = [
  ['\u0000', '\\x00'],
  ['\r', '\\x0d'],
  ['\u001b', '\\x1b'],
  ['\u007f', '\\x7f'],
  ['\u009b', '\\x9b'],
  ['\u00ad', '\\xad'],
  ['\u034f', '\\u{34f}'],
  ['\u061c', '\\u{61c}'],
  ['\u115f', '\\u{115f}'],
  ['\u17b4', '\\u{17b4}'],
  ['\u180b', '\\u{180b}'],
  ['\u180e', '\\u{180e}'],
  ['\u200b', '\\u{200b}'],
  ['\u200d', '\\u{200d}'],
  ['\u202e', '\\u{202e}'],
  ['\u2060', '\\u{2060}'],
  ['\u2065', '\\u{2065}'],
  ['\u2066', '\\u{2066}'],
  ['\u206f', '\\u{206f}'],
  ['\u2800', '\\u{2800}'],
  ['\u3164', '\\u{3164}'],
  ['\ufe0f', '\\u{fe0f}'],
  ['\ufeff', '\\u{feff}'],
  ['\uffa0', '\\u{ffa0}'],
  ['\ufff0', '\\u{fff0}'],
  ['\ufff9', '\\u{fff9}'],
  ['\ue000', '\\u{e000}'],
  ['\uffff', '\\u{ffff}'],
  ['\ud800', '\\u{d800}'],
  ['\u{13430}', '\\u{13430}'],
  ['\u{1bca0}', '\\u{1bca0}'],
  ['\u{1d159}', '\\u{1d159}'],
  ['\u{1d173}', '\\u{1d173}'],
  ['\u{e0001}', '\\u{e0001}'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\u{e0100}', '\\u{e0100}'],
  ['\u{e0fff}', '\\u{e0fff}'],
  ['\u{f0000}', '\\u{f0000}'],
];
const SPACES = ['\u00a0', '\u2003', '\u2028', '\u2029', '\u202f', '\u3000'];
const SEEN = ['a', 'é', 'e\u0301', 'ñ', '中', '한', '\u0600', 'नि', '👍🏽', '…', '\ufffc', '\ufffd'];

describe('What nobody sees', () => {
  it.each(UNSEEN)('is written out: %j', (character, written) => {
    expect(visibleText(`a${character}b`)).toBe(`a${written}b`);
    expect(visibleLine(`a${character}b`)).toBe(`a${written}b`);
    const json = JSON.stringify({ [character]: [character] });
    expect(visibleJson(json)).toMatch(/^[\u0020-\u007e]+$/);
    expect(JSON.parse(visibleJson(json))).toEqual({ [character]: [character] });
  });

  it.each(SPACES)('is written out where it looks like a space: %j', (space) => {
    expect(visibleText(space)).toMatch(/^\\(x|u\{)[0-9a-f]+\}?$/);
    expect(hiddenCharacters(`a${space}b`)).toEqual([]);
  });

  it.each(SEEN)('is not what everybody sees: %j', (text) => {
    expect([visibleText(text), hiddenCharacters(text)]).toEqual([text, []]);
  });

  it('leaves lines and tabs in a text, and none in a line', () => {
    expect([visibleText('a\tb\n'), visibleLine('a\tb\n')]).toEqual(['a\tb\n', 'a\\x09b\\x0a']);
  });

  it('has a line and a code point', () => {
    expect(hiddenCharacters('a\n\u200bb\r\n\u{e0041}\rc\u3164')).toEqual([
      { line: 2, codePoint: 'U+200B' },
      { line: 3, codePoint: 'U+E0041' },
      { line: 4, codePoint: 'U+3164' },
    ]);
    for (const [character] of UNSEEN) if (character !== '\r') expect(hiddenCharacters(character)).toHaveLength(1);
  });

  it('is not what an emoji is made of, and is what hides behind one', () => {
    for (const emoji of ['❤️', '👩‍💻', '👩🏽‍🚀', '❤️‍🔥', '1️⃣', '🏳️‍🌈']) expect(hiddenCharacters(emoji)).toEqual([]);
    for (const hidden of ['👍\ufe0f\ufe0f', '👍\u{e0100}', '🏴\u{e0067}\u{e007f}', 'a\ufe0f', '👍\u200d']) {
      expect(hiddenCharacters(hidden).length).toBeGreaterThan(0);
    }
  });
});
