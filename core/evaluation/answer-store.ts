import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';
import type { ModelRequest } from './converse-model';
import type { ModelAnswer } from './model-answer';

/**
 * Keeps what was answered, so that nothing is paid for twice: at a desk files, in an account objects. Each answer is put as
 * soon as it is there.
 */
export interface AnswerStore {
  get(key: string): Promise<ModelAnswer | undefined>;
  put(key: string, answer: ModelAnswer): Promise<void>;
}

/** What an answer is known by: the content, which holds model and inference settings, the guardrail, the variables, the repeat. */
export function answerKey(of: {
  readonly digest: string;
  /** Where the content is asked: another model elsewhere gives another answer. */
  readonly route: string;
  readonly guardrail?: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly repeat: number;
}): string {
  return hash(of);
}

/** What a verdict of a judge is known by: all that it was sent. */
export function verdictKey(request: ModelRequest, route: string): string {
  return hash({ request, route });
}

function hash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
