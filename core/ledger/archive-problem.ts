import { contentDigest } from '../content/content-digest';
import type { parseArchiveKey } from './layout';

type ArchiveName = Pick<NonNullable<ReturnType<typeof parseArchiveKey>>, 'promptId' | 'version' | 'digest'>;

/** Why an archived version is not what its key says; undefined where it is. */
export function archiveProblem({ promptId, version, digest }: ArchiveName, body: string): string | undefined {
  let found: Record<string, unknown>;
  try {
    found = { ...JSON.parse(body) };
  } catch {
    return 'is not JSON: it is half-written or was changed';
  }
  let content: string;
  try {
    content = contentDigest(found.variant);
  } catch (error) {
    return `cannot be compared with its name, ${digest}: ${(error as Error).message}`;
  }
  if (content !== digest) return `holds the content ${content}, its name says ${digest}: the content was changed`;
  if (found.digest !== digest || found.version !== version || found.promptId !== promptId) {
    return `says it is version ${found.version} of ${found.promptId} with ${found.digest}, its name says otherwise`;
  }
  return undefined;
}
