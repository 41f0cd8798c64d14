import { canonicalJson } from '../content/canonical-json';

/**
 * Canonical JSON in which every character outside ASCII is an escape, because CloudFormation answers `?` for them when
 * asked, and so is the question mark itself, which nobody could tell from them.
 */
export function asciiJson(value: unknown): string {
  return canonicalJson(value).replace(
    /[?\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
