import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../core/audit/rules';

const TESTS = join(__dirname, '../..');
const FOLDERS = ['core/audit', 'core/ledger', 'cli'];

describe('Each finding of the audit', () => {
  const problems = RULES.flatMap(({ rules }) => rules.flatMap(({ finds }) => Object.keys(finds)));
  const texts = FOLDERS.flatMap((folder) =>
    readdirSync(join(TESTS, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(TESTS, folder, name), 'utf8')),
  );

  it.each(problems)('is expected by a test: %s', (problem) => {
    expect(texts.some((text) => new RegExp(`\\b${problem}\\b`).test(text))).toBe(true);
  });
});
