import type { Check } from './evaluation-suite';

/**
 * A text as checks compare it: in one Unicode form, with straight quotes and plain spaces, for a model that writes `’` or
 * a narrow no-break space means no other word by it. With `ignoreCase` in lower case.
 */
export function comparedText(text: string, { ignoreCase }: Check): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u00a0\u202f\u2007]/g, ' ')
    .replace(/\r\n/g, '\n');
  return ignoreCase === true ? plain.toLowerCase() : plain;
}
