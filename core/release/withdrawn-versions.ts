import { NO_VERSION } from '../contract/no-version';
import { VERSION_PATTERN } from '../contract/version-arn';
import { RegistryError } from '../registry-error';

/** What the stack parameter of withdrawn versions accepts; its `AllowedPattern`. */
export const WITHDRAWN_VERSIONS_PATTERN = `^(${NO_VERSION}|${VERSION_PATTERN}(,${VERSION_PATTERN})*)$`;

/**
 * Reads the versions that are withdrawn from every alias of a prompt: `none`, or version numbers with commas between.
 *
 * @returns sorted, each once
 * @throws RegistryError `InvalidWithdrawnVersions`
 */
export function parseWithdrawnVersions(text: string): number[] {
  if (!new RegExp(WITHDRAWN_VERSIONS_PATTERN).test(text)) {
    throw new RegistryError(
      'InvalidWithdrawnVersions',
      `withdrawn versions must be none, or version numbers with commas and no spaces such as 2,5, found ${JSON.stringify(text)}`,
    );
  }
  return text === NO_VERSION ? [] : sortedUnique(text.split(',').map(Number));
}

/** The inverse of {@link parseWithdrawnVersions}. */
export function formatWithdrawnVersions(versions: readonly number[]): string {
  return sortedUnique(versions).join(',') || NO_VERSION;
}

function sortedUnique(versions: readonly number[]): number[] {
  return [...new Set(versions)].sort((a, b) => a - b);
}
