import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'dist/.stamp';
const FOLDERS = ['bin', 'build', 'cli', 'client', 'core', 'dist', 'lambda', 'lib', 'studio'];
const FILES = [
  'build.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  // What npm installed, which may differ from the lock file.
  'node_modules/.package-lock.json',
];

/** Whether dist/ is what a build of these sources made. */
export function isFresh(root = '.') {
  const path = join(root, STAMP);
  return existsSync(path) && readFileSync(path, 'utf8') === stamp(root);
}

/** To be called at the end of a build. */
export function markFresh(root = '.') {
  writeFileSync(join(root, STAMP), stamp(root));
}

/** Contents and no times: a checkout, a copy and `git stash` change times only. */
function stamp(root) {
  const hash = createHash('sha256').update(process.version);
  for (const name of [...FILES, ...FOLDERS.flatMap((folder) => filesUnder(root, folder))]) {
    const path = join(root, name);
    if (name !== STAMP && existsSync(path)) hash.update(`\0${name}\0`).update(readFileSync(path));
  }
  return `${hash.digest('hex')}\n`;
}

function filesUnder(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(folder, parentPath.slice(join(root, folder).length), name))
    .sort();
}
