import { type Complaint, excerpt, FLAG } from './check-kind';
import type { Check } from './evaluation-suite';
import type { ModelAnswer } from './model-answer';

/** Setting of checks that read JSON: a program that takes the answer as it is would stumble over the fence. */
export const ALLOW_FENCE = { allowFence: FLAG };

/**
 * What stands in a fence around all of the text. In steps that each look at a character once: a model that loops writes
 * line ends by the thousand.
 */
function withinFence(text: string): string | undefined {
  const [opening] = /^```(?:json)?[^\S\n]*\n/i.exec(text) ?? [];
  if (opening === undefined || !text.endsWith('```')) return undefined;
  const body = text.slice(opening.length, -3);
  const end = body.lastIndexOf('\n');
  return end >= 0 && body.slice(end).trim() === '' ? body.slice(0, end) : undefined;
}

/** The answer as JSON, or why it is none. */
export function answerJson(
  { text }: ModelAnswer,
  { allowFence }: Check,
): { value: unknown } | { complaint: Complaint } {
  const fenced = withinFence(text.trim());
  if (fenced !== undefined && allowFence !== true)
    return { complaint: 'stands in a ``` fence: the answer must be JSON and nothing else' };
  try {
    return { value: JSON.parse(fenced ?? text) };
  } catch {
    return { complaint: text.trim() === '' ? 'is empty' : `is no JSON: ${excerpt(text)}` };
  }
}
