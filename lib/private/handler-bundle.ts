import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RegistryError } from '../../core/registry-error';

const PACKAGE = 'cdk-prompt-registry';

/** The folder of a built handler, from the sources as well as from the published package. */
export function handlerBundle(name: string): string {
  const folder = join(packageRoot(__dirname), 'dist', 'lambda', name);
  if (!existsSync(join(folder, 'index.js'))) {
    throw new RegistryError(
      'MissingHandlerBundle',
      `expected the built handler ${join(folder, 'index.js')}, found no such file: run \`npm run build\` in the package ${PACKAGE}`,
    );
  }
  return folder;
}

function packageRoot(from: string): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === PACKAGE) {
    return from;
  }
  const parent = dirname(from);
  if (parent === from) {
    throw new RegistryError(
      'MissingHandlerBundle',
      `expected to be part of the package ${PACKAGE}, found no package.json of that name above ${__dirname}: do not copy its files elsewhere, install the package`,
    );
  }
  return packageRoot(parent);
}
