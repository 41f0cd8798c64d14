import { type CheckKind, WANTED } from '../check-kind';

/**
 * The measure of SQuAD, without its rule for English articles.
 *
 * @see https://arxiv.org/abs/1606.05250
 */
export const tokenF1: CheckKind<string> = {
  name: 'token-f1',
  means: 'the words of the answer are those of the text, to a harmonic mean of precision and recall of `atLeast`',
  wants: WANTED.text,
  settings: {
    atLeast: {
      words: 'a number above 0, at most 1',
      isIt: (value) => typeof value === 'number' && value > 0 && value <= 1,
      required: true,
    },
  },
  complaint: ({ text }, value, { atLeast }) => {
    const found = f1(tokens(text), tokens(value));
    return found >= (atLeast as number) ? undefined : `F1 is ${found.toFixed(2)}, less than ${atLeast}`;
  },
};

function tokens(text: string): string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

function f1(answer: readonly string[], wanted: readonly string[]): number {
  const left = new Map<string, number>();
  for (const token of wanted) left.set(token, (left.get(token) ?? 0) + 1);
  let common = 0;
  for (const token of answer) {
    const count = left.get(token) ?? 0;
    if (count > 0) common += 1;
    left.set(token, count - 1);
  }
  return common === 0 ? 0 : (2 * common) / (answer.length + wanted.length);
}
