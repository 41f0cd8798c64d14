import { RegistryError } from '../registry-error';

/** A tag without its length; for use inside a longer pattern. */
export const TAG_PATTERN = '[A-Za-z][A-Za-z0-9-]*(?:\\.[A-Za-z0-9-]+)*';

/** The most characters of a tag. */
export const TAG_LENGTH = 32;

const TAG = new RegExp(`^${TAG_PATTERN}$`);

/** What the command takes for something else. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['none', 'it stands for no version'],
  ['draft', 'it stands for the draft'],
  ['previous', 'it stands for the version before'],
  ['file', 'it stands for the prompt’s file'],
]);

/** Whether a text is a tag and nothing else. */
export function isTag(text: string): boolean {
  return objection(text) === undefined;
}

/**
 * A tag, such as `v1.1-alpha`: a letter, then letters, digits and `-`, in parts with one dot between them, at most 32
 * characters. Not `none`, `draft`, `previous` or `file` in any casing.
 *
 * @throws RegistryError `InvalidTag`
 */
export function checkTag(text: string): void {
  const problem = objection(text);
  if (problem === undefined) return;
  throw new RegistryError(
    'InvalidTag',
    `a tag must be a letter and then letters, digits or -, in parts with one dot between them, at most ${TAG_LENGTH} characters, such as v1.1-alpha, found ${JSON.stringify(text)}: ${problem}`,
  );
}

function objection(text: string): string | undefined {
  const meaning = RESERVED.get(text.toLowerCase());
  if (meaning !== undefined) return meaning;
  if (text.length > TAG_LENGTH) return `it has ${text.length} characters`;
  if (TAG.test(text)) return undefined;
  if (text === '') return 'it is empty; leave it out';
  if (/^[0-9]/.test(text)) return 'a number alone names a version; put a letter before it';
  if (text.includes('..')) return 'two dots stand between the versions of a rollout';
  return 'correct it';
}
