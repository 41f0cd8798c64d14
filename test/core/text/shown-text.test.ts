import { describe, expect, it } from 'vitest';
import { isShownAs } from '../../../core/text/shown-text';

describe('A text that CloudFormation shows', () => {
  it.each([
    ['Prüfung', 'Prüfung', true],
    ['Prüfung', 'Pr?fung', true],
    ['請交月報', '????', true],
    ['go 🚀', 'go ?', true],
    ['go 🚀', 'go ??', true],
    ['a.b*[c](d)?$', 'a.b*[c](d)?$', true],
    ['', '', true],
    ['Prüfung', 'Prufung', false],
    ['Prufung', 'Pr?fung', false],
    ['Prüfung', 'Pr??fung', false],
    ['a.b', 'axb', false],
    ['請交月報', '???', false],
    ['Prüfung', 'Pr?fung\n', false],
    ['warum? 🚀🚀', 'warum? ???', true],
    ['warum? 🚀🚀', 'warum? ?????', false],
    ['e\u0301', 'e?', true],
    ['👩‍👩‍👧', '????????', true],
  ])('%j as %j: %s', (text, shown, expected) => {
    expect(isShownAs(text, shown)).toBe(expected);
  });

  it('is compared at once, however many characters may count as two', () => {
    // A pattern of so many alternatives would take years.
    expect(isShownAs(`${'🚀'.repeat(250)}a`, `${'?'.repeat(375)}b`)).toBe(false);
    expect(isShownAs(`${'🚀'.repeat(250)}a`, `${'?'.repeat(375)}a`)).toBe(true);
  });
});
