import { type CheckKind, FLAG, listOf, WANTED } from '../check-kind';
import { comparedText } from '../compared-text';
import type { Check } from '../evaluation-suite';

type Texts = readonly string[];

export const containsAll: CheckKind<Texts> = {
  name: 'contains-all',
  means: 'each of these texts is in the answer',
  wants: WANTED.texts,
  settings: { ignoreCase: FLAG },
  complaint: ({ text }, value, check) => {
    const missing = listOf(value).filter((one) => !isIn(text, one as string, check));
    return missing.length === 0 ? undefined : `${quoted(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`;
  },
};

export const containsAny: CheckKind<Texts> = {
  name: 'contains-any',
  means: 'one of these texts is in the answer',
  wants: WANTED.texts,
  settings: { ignoreCase: FLAG },
  complaint: ({ text }, value, check) =>
    listOf(value).some((one) => isIn(text, one as string, check))
      ? undefined
      : `none of ${quoted(listOf(value))} is in it`,
};

export const notContains: CheckKind<Texts> = {
  name: 'not-contains',
  means: 'none of these texts is in the answer, and there is an answer',
  wants: WANTED.texts,
  settings: { ignoreCase: FLAG },
  complaint: ({ text, toolCalls }, value, check) => {
    // Nothing holds no forbidden word either, and is no answer.
    if (text.trim() === '' && toolCalls.length === 0) return 'is empty';
    const found = listOf(value).filter((one) => isIn(text, one as string, check));
    return found.length === 0 ? undefined : `${quoted(found)} is in it`;
  },
};

function isIn(text: string, part: string, check: Check): boolean {
  return comparedText(text, check).includes(comparedText(part, check));
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}
