import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PATH = '../../build/licences.mjs';

let licences: (folders: string[]) => string;
let root: string;
beforeAll(async () => {
  ({ licences } = await import(PATH));
  root = mkdtempSync(join(tmpdir(), 'licences-'));
});
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
function packageWith(files: Record<string, string>, fields: object = {}): string {
  const folder = join(root, `p${++count}`);
  mkdirSync(folder);
  const metadata = { name: `p${count}`, version: '1.0.0', license: 'MIT', ...fields };
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(metadata), ...files })) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const AWS = { repository: { url: 'https://example.com/sdk.git' } };

describe('Licences of what is bundled', () => {
  it.each(['LICENSE', 'LICENCE.md', 'license.txt', 'COPYING'])('%s is the text', (name) => {
    expect(licences([packageWith({ [name]: 'the text' })])).toMatch(/^p\d+ 1\.0\.0 \(MIT\)\n\nthe text$/);
  });

  it('a notice stands beneath the text', () => {
    expect(licences([packageWith({ LICENSE: 'the text', NOTICE: 'the notice' })])).toMatch(/the text\nthe notice$/);
  });

  it('a package without a text takes that of a sibling in its repository, and says so', () => {
    const [sibling, without] = [packageWith({ LICENSE: 'the text' }, AWS), packageWith({}, AWS)];
    expect(licences([without, sibling])).toMatch(
      /^(p\d+) .*with the text of p\d+, of the same repository\n\nthe text\n-+\n/,
    );
  });

  it('a package that names its licence and author and has no text anywhere gets the text of that licence', () => {
    const folder = packageWith({}, { name: '@cfworker/json-schema' });
    expect(licences([folder])).toMatch(/json-schema 1\.0\.0 \(MIT\)\n\nMIT License\n\nCopyright \(c\) Jeremy Danyow/);
    const other = packageWith({}, { name: '@cfworker/json-schema', license: 'ISC' });
    expect(() => licences([other])).toThrow('has a licence text');
  });

  it.each([
    ['no file', {}, {}],
    ['an empty file', { LICENSE: ' \n' }, {}],
    ['a sibling under another licence', {}, { ...AWS, license: 'ISC' }],
    ['a sibling of another repository', {}, { repository: 'https://example.com/other.git' }],
  ])('the build fails for a package without a text: %s', (_, files, fields) => {
    const folders = [packageWith({ LICENSE: 'the text' }, AWS), packageWith(files, fields)];
    expect(() => licences(folders)).toThrow(
      /p\d+ 1\.0\.0 \(\w+\) is bundled, and neither it nor .* has a licence text/,
    );
  });
});
