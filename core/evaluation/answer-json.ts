import { type Complaint, excerpt, FLAG } from './check-kind';
import type { Check } from './evaluation-suite';
import type { ModelAnswer } from './model-answer';

/** Setting of checks that read JSON: a program that takes the answer as it is would stumble over the fence. */
export const ALLOW_FENCE = { allowFence: FLAG };

/** The answer as JSON, or why it is none. */
export function answerJson(
  { text }: ModelAnswer,
  { allowFence }: Check,
): { value: unknown } | { complaint: Complaint } {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/i.exec(text)?.[1];
  if (fenced !== undefined && allowFence !== true)
    return { complaint: 'stands in a ``` fence: the answer must be JSON and nothing else' };
  try {
    return { value: JSON.parse(fenced ?? text) };
  } catch {
    return { complaint: text.trim() === '' ? 'is empty' : `is no JSON: ${excerpt(text)}` };
  }
}
