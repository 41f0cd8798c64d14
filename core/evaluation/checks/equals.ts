import { type CheckKind, excerpt, FLAG, WANTED } from '../check-kind';
import { comparedText } from '../compared-text';

export const equals: CheckKind<string> = {
  name: 'equals',
  means: 'the answer is this text; white space around it does not count',
  wants: WANTED.text,
  settings: { ignoreCase: FLAG },
  complaint: ({ text }, value, check) =>
    comparedText(text, check).trim() === comparedText(value, check).trim()
      ? undefined
      : `is ${excerpt(text)}, not ${excerpt(value)}`,
};
