import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../core/audit/rules';
import { REGISTRY_ERROR_CODES } from '../../core/registry-error-codes';
import { REPORTS } from './reports';

const ROOT = join(__dirname, '../..');

const sources = ['lib', 'core', 'lambda', 'cli', 'client', 'studio'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('registry-error-codes.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
);

/** A type that would let any text pass as a code. */
const ANY_CODE = /\bas RegistryErrorCode\b|RegistryError\([^)]*\bas (never|any)\b|@ts-(ignore|expect-error)/;

describe('Generated documents', () => {
  it.each(Object.keys(REPORTS))('%s is fresh: else npm run reports', (path) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(REPORTS[path]?.());
  });
});

describe('Error codes', () => {
  // That each code which is thrown stands in the table is for the compiler to say.
  it('each code in the table is thrown somewhere', () => {
    const unused = Object.keys(REGISTRY_ERROR_CODES).filter(
      (code) => !sources.some((text) => text.includes(`'${code}'`)),
    );
    expect(unused).toEqual([]);
  });

  it('nothing gets around the type of a code', () => {
    expect(sources.filter((text) => ANY_CODE.test(text))).toEqual([]);
  });

  it('the table is in order, and each note is a line of a Markdown table', () => {
    const codes = Object.keys(REGISTRY_ERROR_CODES);
    expect(codes).toEqual([...codes].sort());
    for (const { at, means, fix } of Object.values(REGISTRY_ERROR_CODES)) {
      expect(`${at}${means}${fix}`).not.toMatch(/[|\n]/);
      expect(`${means}${fix}`).not.toMatch(/\.$/);
    }
  });
});

describe('Rules of the audit', () => {
  const rules = RULES.flatMap((group) => group.rules);

  it('each file of core/audit/rules/ holds one rule of the table', () => {
    const files = readdirSync(join(ROOT, 'core/audit/rules')).map((file) => file.replace(/\.ts$/, ''));
    expect(rules.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it('each note is a line of a Markdown table', () => {
    for (const { finds, reads } of rules) {
      expect([reads, ...Object.values(finds)].join('')).not.toMatch(/[|\n]/);
      expect([reads, ...Object.values(finds)].filter((text) => text.endsWith('.'))).toEqual([]);
    }
  });
});
