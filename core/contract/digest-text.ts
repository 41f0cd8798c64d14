/** A content digest: `pd1:` and the SHA-256 in hex. For use inside a longer pattern. */
export const DIGEST_PATTERN = 'pd1:[0-9a-f]{64}';

/** How many characters a digest has. */
export const DIGEST_LENGTH = 'pd1:'.length + 64;

/** Stands in a record for a content that nobody can know any more. */
export const UNKNOWN_DIGEST = `pd1:${'0'.repeat(64)}`;

const DIGEST = new RegExp(`^${DIGEST_PATTERN}$`);

/** Whether a text is a content digest and nothing else. */
export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && DIGEST.test(text);
}
