import type { Operation } from '../service';
import type { Adversary } from './adversary';

const reading = /^(Describe|Get|List)/;

/** The operations, those that read with `?` for each character beyond ASCII where the adversary wants it. */
export function questionMarks(adversary: Adversary, operations: Record<string, Operation>): Record<string, Operation> {
  const answering = ([name, { authorize, run }]: [string, Operation]): [string, Operation] => [
    name,
    {
      authorize,
      run: async (input, call) => {
        const answer = await run(input, call);
        return reading.test(name) && adversary.answersQuestionMarks ? (inAscii(answer) as object) : answer;
      },
    },
  ];
  return Object.fromEntries(Object.entries(operations).map(answering));
}

function inAscii(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/[^\0-\x7f]/gu, '?');
  }
  if (Array.isArray(value)) {
    return value.map(inAscii);
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inAscii(member)]));
}
