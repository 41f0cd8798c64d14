import { DESCRIPTION_LENGTH } from './bedrock-limits';
import { DIGEST_LENGTH, DIGEST_PATTERN } from './digest-text';

/** Characters that the digest and a space leave for the note in a version's description. */
export const NOTE_LENGTH = DESCRIPTION_LENGTH - DIGEST_LENGTH - 1;

const DESCRIPTION = new RegExp(`^(${DIGEST_PATTERN})(?:\\s+|$)`);

/** What stands in a version's description: its content digest, then the note, cut to 200 characters. */
export function versionDescription(digest: string, note: string): string {
  return `${digest} ${note}`.trim().slice(0, DESCRIPTION_LENGTH);
}

/** The digest that a description claims. A claim only: anybody can write a description. */
export function describedDigest(description: string): string | null {
  return DESCRIPTION.exec(description)?.[1] ?? null;
}

/** What a description says after its digest. */
export function describedNote(description: string): string {
  return description.replace(DESCRIPTION, '');
}
