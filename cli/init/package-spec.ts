import { statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { CliError } from '../cli-error';

/** What npm takes as the place of a package: a file as seen from the app, anything else as it was given. */
export function packageSpec(given: string | undefined, folder: string): string | undefined {
  if (given === undefined) return undefined;
  const path = resolve(given);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return `file:${relative(folder, path).split(sep).join('/')}`;
  // npm would link a folder, whose own copies of the CDK are others than the app's.
  if (found?.isDirectory() || (/\.tgz$/.test(given) && !/^\w+:/.test(given))) {
    throw new CliError({
      what: `there is no file ${path}`,
      fix: 'give the file that npm pack wrote, such as --package cdk-prompt-registry-0.1.0.tgz, or a version',
    });
  }
  if (/^[\w.^~-][\w.^~:/@+-]*$/.test(given)) return given;
  throw new CliError({
    what: `npm knows no place ${JSON.stringify(given)}`,
    fix: 'give a version or a file: --package',
  });
}
