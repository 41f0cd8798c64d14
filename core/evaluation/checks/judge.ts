import { type CheckKind, WANTED } from '../check-kind';

/** A known answer with its known verdict. */
export interface JudgeControl {
  readonly answer: string;
  readonly pass: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly expected?: unknown;
}

export const judge: CheckKind = {
  name: 'judge',
  means:
    'another model says yes or no by your `rubric`; a run counts only if it is right about every one of the `controls`',
  wants: WANTED.json,
  isWantOptional: true,
  settings: {
    model: {
      // IAM would read these as a pattern or a variable: the evaluator's role may ask what is named, and nothing else.
      words: 'the id or ARN of one model, without *, ? and $',
      isIt: (value) => typeof value === 'string' && /^[^\s*?$]+$/.test(value),
      required: true,
    },
    rubric: {
      words: 'the path of a text',
      isIt: (value) => typeof value === 'string' && value.trim() !== '',
      required: true,
      file: 'text',
    },
    controls: {
      words: 'the path of a .jsonl file with answers that are known to be good and bad',
      isIt: Array.isArray,
      required: true,
      problem: controlsProblem,
      file: 'controls',
    },
  },
};

function controlsProblem(controls: readonly JudgeControl[]): string | undefined {
  const missing = [true, false].find((pass) => !controls.some((control) => control.pass === pass));
  if (missing === undefined) return undefined;
  return `it has no answer with "pass": ${missing}; a judge that always says ${missing ? 'no' : 'yes'} would not be noticed`;
}
