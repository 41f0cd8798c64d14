import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** docs/adr/0015-local-aws-is-agpl.md rests on these. */
it.each([
  ['iam-simulate', 'AGPL-3.0-or-later'],
  ['iam-policy', 'AGPL-3.0-or-later'],
  ['iam-utils', 'AGPL-3.0-or-later'],
  ['iam-data', 'MIT'],
])('@cloud-copilot/%s is under %s', (name, license) => {
  expect(json(`node_modules/@cloud-copilot/${name}/package.json`)).toMatchObject({ license });
});

it('says its licence, and npm refuses to publish it', () => {
  expect(json('packages/local-aws/package.json')).toMatchObject({ license: 'AGPL-3.0-or-later', private: true });
  expect(readFileSync('packages/local-aws/LICENSE', 'utf8')).toContain('GNU Affero General Public License');
});

it('is what this repository imports from its folder, whether or not it was built', () => {
  const manifest = json('packages/local-aws/package.json');
  // Vite takes the `exports` of a folder's manifest even for a relative import.
  expect([manifest.main, manifest.exports]).toEqual(['index.ts', undefined]);
});

it('leaves the published package free of it', () => {
  const { dependencies, peerDependencies, optionalDependencies, bundleDependencies } = json('package.json');
  const shipped = JSON.stringify([dependencies, peerDependencies, optionalDependencies, bundleDependencies]);
  expect(shipped).not.toMatch(/cloud-copilot|local-aws/);
  const texts = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  expect(texts.length).toBeGreaterThan(10_000);
  expect(texts).not.toMatch(/AFFERO|AGPL/i);
});

it('asks those packages in two places', () => {
  const folders = ['packages', 'core', 'lib', 'lambda', 'cli', 'client', 'studio', 'bin', 'examples', 'build'];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const sources = files.filter((path) => /\.[cm]?[jt]s$/.test(path) && !/node_modules|\/dist\//.test(path));
  expect(sources.filter((path) => readFileSync(path, 'utf8').includes('@cloud-copilot/'))).toEqual([
    'packages/local-aws/iam/authorizer.ts',
    'packages/local-aws/iam/policy-document.ts',
  ]);
});
