import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const PATH = '../../build/stamp.mjs';

let root: string;
let isFresh: (root: string) => boolean;
let markFresh: (root: string) => void;

beforeAll(async () => {
  ({ isFresh, markFresh } = await import(PATH));
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stamp-'));
  for (const folder of ['bin', 'build', 'cli', 'client', 'core', 'lambda/prompt', 'lib', 'studio', 'dist/lib']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, 'lambda/prompt/handler.ts'), 'one');
  writeFileSync(join(root, 'dist/lib/index.js'), 'built');
  markFresh(root);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('A second build', () => {
  it('has nothing to do, also where a source was only touched or the folder copied', () => {
    expect(isFresh(root)).toBe(true);
    utimesSync(join(root, 'lambda/prompt/handler.ts'), 1, 1);
    expect(isFresh(root)).toBe(true);
    const copy = mkdtempSync(join(tmpdir(), 'stamp-copy-'));
    cpSync(root, copy, { recursive: true });
    expect(isFresh(copy)).toBe(true);
    rmSync(copy, { recursive: true });
  });

  it.each<[string, () => void]>([
    ['a source changed', () => appendFileSync(join(root, 'lambda/prompt/handler.ts'), ' two')],
    ['a source was added', () => writeFileSync(join(root, 'core/new.ts'), '')],
    ['a source was removed', () => rmSync(join(root, 'lambda/prompt/handler.ts'))],
    ['a setting changed', () => writeFileSync(join(root, 'package.json'), '{"version":"1.0.0"}')],
    ['a built file changed', () => appendFileSync(join(root, 'dist/lib/index.js'), ' by hand')],
    ['a built file was removed', () => rmSync(join(root, 'dist/lib/index.js'))],
    ['dist was removed', () => rmSync(join(root, 'dist'), { recursive: true })],
  ])('builds where %s', (_, change) => {
    change();
    expect(isFresh(root)).toBe(false);
  });
});
