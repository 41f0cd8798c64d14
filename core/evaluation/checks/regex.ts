import { type CheckKind, excerpt, FLAG } from '../check-kind';
import { inTime } from '../in-time';

export const regex: CheckKind<string> = {
  name: 'regex',
  means: 'a JavaScript regular expression matches somewhere in the answer; `^` and `$` also match at line ends',
  wants: { words: 'a regular expression', isIt: (value) => typeof value === 'string' && isPattern(value) },
  settings: { ignoreCase: FLAG },
  complaint: ({ text, toolCalls }, value, { ignoreCase }) => {
    const pattern = new RegExp(value, ignoreCase === true ? 'imu' : 'mu');
    if (!inTime(`/${value}/`, () => pattern.test(text))) return `/${value}/ does not match ${excerpt(text)}`;
    // `^(?!.*guaranteed)` matches nothing as well, which is no answer.
    return text.trim() === '' && toolCalls.length === 0 ? 'is empty' : undefined;
  },
};

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'mu');
    return text !== '';
  } catch {
    return false;
  }
}
