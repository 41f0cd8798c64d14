/** Bedrock's limit for the description of a version. */
const DESCRIPTION_LIMIT = 200;

/** What stands in a version's description: its content digest, then the note, cut to 200 characters. */
export function versionDescription(digest: string, note: string): string {
  return `${digest} ${note}`.trim().slice(0, DESCRIPTION_LIMIT);
}

/** The digest a description claims. A claim only: anybody can write a description. */
export function describedDigest(description: string): string | null {
  return /^(pd1:[0-9a-f]{64})(?:\s|$)/.exec(description)?.[1] ?? null;
}
