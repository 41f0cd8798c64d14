import { readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import { readSuite, type SuiteFile } from '../../core/evaluation/suite-file';
import { atConstruct, constructError } from './construct-error';

/**
 * The suite in a file, for what is signed about it: others must be able to run it again.
 *
 * Throws `InvalidSuite`, with file and line.
 */
export function suiteFromFile(scope: IConstruct, path: string): SuiteFile {
  const found = atConstruct(scope, () => readSuite(path, bytesOf));
  const own = found.suite.metrics.find(({ check }) => check.check === 'function');
  if (own) {
    throw constructError(
      scope,
      'InvalidSuite',
      `expected a suite whose checks all stand in ${path}, found the metric ${own.name}, which is code of your own: what it does is not in the suite's digest, so nobody can sign for it; take another check, or a judge`,
    );
  }
  return found;
}

function bytesOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
