import { canonicalJson } from '../../content/canonical-json';
import { ALLOW_FENCE, answerJson } from '../answer-json';
import { type CheckKind, WANTED } from '../check-kind';
import { atSteps, jsonPathSteps } from '../json-path';

export const jsonPath: CheckKind = {
  name: 'json-path',
  means: 'the answer is JSON, and has this value at `path` (`$.rating.score`, `$.reasons[0]`)',
  wants: WANTED.json,
  settings: {
    ...ALLOW_FENCE,
    path: {
      words: 'a path to one value such as $.rating or $.reasons[0]',
      isIt: (value) => typeof value === 'string' && jsonPathSteps(value) !== undefined,
      required: true,
    },
  },
  complaint: (answer, value, check) => {
    const read = answerJson(answer, check);
    if ('complaint' in read) return read.complaint;
    const found = atSteps(read.value, jsonPathSteps(check.path as string) ?? []);
    if (found === undefined) return `has no ${check.path}`;
    return canonicalJson(found) === canonicalJson(value)
      ? undefined
      : `${check.path} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`;
  },
};
