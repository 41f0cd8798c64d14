import { isBuiltin } from 'node:module';

const LONGEST = 214;

/**
 * What npm has against a name for a new package; undefined for nothing. `taken` are those that the package depends on.
 *
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name
 * @see https://github.com/npm/validate-npm-package-name
 */
export function packageNameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > LONGEST) return `it has ${name.length} characters, and npm takes ${LONGEST}`;
  const [scope, own] = name.startsWith('@') ? partsOf(name) : ['', name];
  if (own === '') return 'a scope is followed by a slash and a name';
  for (const part of [scope, own]) {
    if (/^[._-]/.test(part)) return 'no part of it may begin with a dot, an underscore or a hyphen';
    if (/[A-Z]/.test(part)) return 'it may have no capital letters';
    if (!/^[a-z0-9._-]*$/.test(part)) return 'it may have letters, digits, dots, underscores and hyphens only';
  }
  if (['node_modules', 'favicon.ico'].includes(own) || isBuiltin(own)) return 'that name belongs to Node or npm';
  if (taken.includes(name)) return 'the app depends on a package of that name';
  return undefined;
}

/** A name that npm takes, as near as can be to one that it refuses. */
export function acceptablePackageName(name: string, taken: readonly string[]): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|-+$/g, '')
    .slice(0, LONGEST);
  if (packageNameProblem(plain, taken) === undefined) return plain;
  const longer = `${plain}-app`;
  return packageNameProblem(longer, taken) === undefined ? longer : 'my-prompts';
}

/** `@acme/prompts` → `acme`, `prompts` */
function partsOf(name: string): [scope: string, own: string] {
  const [, scope = '', own = ''] = /^@([^/]+)\/(.+)$/.exec(name) ?? [];
  return [scope, own];
}
