import type { Stage } from './stage';

/** What an account showed of an assumption. */
export type Verdict = 'holds' | 'differs' | 'could not tell';

/** One thing about AWS that the registry assumes. */
export interface Question {
  readonly id: string;
  readonly asks: string;
  readonly assumed: string;
  /** The record of the decision that stands on it. */
  readonly concerns: string;
  /** What would break if AWS did otherwise. */
  readonly otherwise: string;
}

export interface Answer {
  readonly verdict: Verdict;
  readonly seen: readonly string[];
}

export interface LiveCheck {
  readonly number: number;
  readonly title: string;
  /** What it creates beside the disposable registry, and what that costs. */
  readonly makes: readonly string[];
  readonly needsRegistry: boolean;
  readonly questions: readonly Question[];
  run(stage: Stage, answers: Answers): Promise<void>;
}

/** What a check found out. Answers that were given stay when the check fails later on. */
export class Answers {
  private readonly given = new Map<string, Answer>();
  /** Seen on the way, at no cost. */
  readonly facts: string[] = [];

  constructor(private readonly questions: readonly Question[]) {}

  give(id: string, verdict: Verdict, ...seen: string[]): void {
    if (!this.questions.some((question) => question.id === id)) throw new Error(`no question ${id}`);
    this.given.set(id, { verdict, seen });
  }

  /** Those of the questions, in order; `error` is why some have none. */
  all(error?: unknown): (Question & Answer)[] {
    const why = error === undefined ? 'the check did not get there' : problem(error);
    return this.questions.map((question) => ({
      ...question,
      ...(this.given.get(question.id) ?? { verdict: 'could not tell' as const, seen: [why] }),
    }));
  }
}

/** `AccessDeniedException: User … is not authorized …` */
export function problem(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return name === 'Error' ? message : `${name}: ${message}`;
}
