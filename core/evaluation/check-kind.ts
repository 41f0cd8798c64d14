import type { Check } from './evaluation-suite';
import type { ModelAnswer } from './model-answer';

/** A kind of value that a check compares an answer with, and how to recognize it. */
export interface Wanted {
  /** Reads in `expected …`. */
  readonly words: string;
  readonly isIt: (value: unknown) => boolean;
}

/** What a check may compare an answer with. */
export const WANTED = {
  text: { words: 'a text', isIt: isText },
  texts: {
    words: 'a text, or a list of texts, none of them empty',
    isIt: (value) => listOf(value).length > 0 && listOf(value).every(isText),
  },
  json: { words: 'a value', isIt: (value) => value !== undefined },
  flag: { words: 'true or false', isIt: (value) => typeof value === 'boolean' },
  toolCall: {
    words: 'null for no call, or name and arguments of a tool',
    isIt: (value) => value === null || isToolCall(value),
  },
} as const satisfies Record<string, Wanted>;

/** A setting of a check. */
export interface Setting {
  /** Reads in `expected …`. */
  readonly words: string;
  readonly isIt: (value: unknown) => boolean;
  readonly required?: true;
  /** What is wrong with a value of the right type. */
  readonly problem?: (value: never) => string | undefined;
  /** A path from the suite's folder; what is read takes its place in the check. */
  readonly file?: 'json' | 'text' | 'controls' | 'code';
}

/** What a check looks at, besides the answer. */
export interface CheckedCase {
  readonly variables: Readonly<Record<string, string>>;
  readonly expected?: unknown;
}

/** Why an answer does not pass; undefined where it does. */
export type Complaint = string | undefined;

/**
 * One kind of check. Each stands in a file of its own, and all in the table of `checks.ts`.
 */
export interface CheckKind<T = unknown> {
  readonly name: string;
  /** A sentence for docs/evaluations.md. */
  readonly means: string;
  /** What it compares with; undefined for one that needs nothing. */
  readonly wants?: Wanted;
  readonly isWantOptional?: true;
  readonly settings?: Readonly<Record<string, Setting>>;
  /**
   * Undefined for those that need more than the answer, a model or the user's own code: the runner has them.
   *
   * @param value what it compares with, of the type that it wants
   */
  readonly complaint?: (answer: ModelAnswer, value: T, check: Check) => Complaint;
}

export const FLAG: Setting = { words: 'true or false', isIt: (value) => typeof value === 'boolean' };

export const COUNT: Setting = {
  words: 'a whole number above 0',
  isIt: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};

/** A single text counts as a list of one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** The end of an answer in a complaint: as much of it as fits into a line. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > 60 ? `${[...line].slice(0, 60).join('')}…` : line);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isToolCall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { name, arguments: given = {}, ...rest } = value as Record<string, unknown>;
  const isNamed = typeof name === 'string' && name !== '';
  return (
    isNamed && typeof given === 'object' && given !== null && !Array.isArray(given) && Object.keys(rest).length === 0
  );
}
