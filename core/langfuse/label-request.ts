import { fields, list, text } from './check';
import { custom } from './issue';
import { LATEST } from './prompt-row';
import { invalidRequest } from './refusal';

const shape = fields({ newLabels: list(text()) });

/** The labels that a version is to have as well. @throws Refusal */
export function readLabelRequest(body: unknown): readonly string[] {
  const issues = shape(body, []);
  if (issues.length > 0) throw invalidRequest(issues);
  const { newLabels } = body as { newLabels: string[] };
  if (newLabels.includes(LATEST))
    throw invalidRequest([custom(['newLabels'], "Label 'latest' is always assigned to the latest prompt version")]);
  return newLabels;
}
