import { atLeast, type Check, matches, text } from './check';
import { custom } from './issue';

/** Names that are pages of Langfuse's own application. */
const RESERVED = ['new', 'metrics', 'prompt-detail'];

const shape = text(
  atLeast(1, 'Text cannot be empty'),
  (value, path) => (/<[^>]*>/.test(String(value)) ? [custom(path, 'Text cannot contain HTML tags')] : []),
  matches(/^[^|]*$/, "Prompt name cannot contain '|' character"),
  matches(/^[^/]/, 'Name cannot start with a slash'),
  matches(/^(?!.*\/\/)/, 'Name cannot contain consecutive slashes'),
  matches(/^.*[^/]$/, 'Name cannot end with a slash'),
);

/** A name that a prompt may be created with; folders are written with slashes, blanks at the ends do not count. */
export const promptName: Check = (value, path) => {
  const issues = shape(value, path);
  if (issues.length > 0) return issues;
  const name = String(value).trim();
  if (name === '') return [custom(path, 'Name cannot be empty')];
  return RESERVED.includes(name) ? [custom(path, `Prompt name cannot be '${name}'`)] : [];
};
