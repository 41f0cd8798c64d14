import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attack } from './attacks/attack';
import { ELSEWHERE } from './attacks/elsewhere';
import { Crimes, FOUND_BY_AUDIT, foundByAudit } from './attacks/found-by-audit';
import { ON_HANDLERS, onHandlers } from './attacks/on-handlers';
import { Bucket, ON_IAM, onIam } from './attacks/on-iam';

const text = (file: string) => readFileSync(join(__dirname, '../..', file), 'utf8');
const rows = <T>(attacks: readonly (readonly [Attack, T])[]) =>
  attacks.map(([{ attack, ends }, attempt]) => [attack, ends, attempt] as const);

describe('Who wants to get past a gate', () => {
  let bucket: Bucket;
  let crimes: Crimes;
  beforeAll(async () => {
    [bucket, crimes] = [await Bucket.make(), await Crimes.make()];
  });
  afterAll(() => bucket?.bench.aws.stop());

  describe('and asks the functions that plan and record releases', () => {
    it.each(rows(ON_HANDLERS))('%s: %s', async (_, ends, attempt) => {
      expect(await onHandlers(attempt)).toBe(ends);
    });
  });

  describe('and writes into the ledger’s bucket', () => {
    it.each(rows(ON_IAM))('%s: %s', async (_, ends, attempt) => {
      expect(await onIam(attempt, bucket)).toBe(ends);
    });
  });

  describe('and may rewrite what the gate stands on', () => {
    it.each(rows(FOUND_BY_AUDIT))('%s: %s', (_, ends, attempt) => {
      expect(foundByAudit(attempt(crimes))).toContain(ends);
    });
  });

  it.each(ELSEWHERE)('%s: %s, %s', (_, file, title) => {
    expect(text(file)).toContain(title);
  });

  const all: readonly Attack[] = [...ON_HANDLERS, ...ON_IAM, ...FOUND_BY_AUDIT].map(([one]) => one);
  const limits = text('docs/approvals.md').split('## What an approval does not stop')[1] ?? '';

  it.each(all.filter(({ limit }) => limit !== undefined))('$attack: a limit, and the docs name it', ({ limit }) => {
    expect(limits).toContain(limit);
  });

  it('each tries something else', () => {
    const names = [...all.map(({ attack }) => attack), ...ELSEWHERE.map(([attack]) => attack)];
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(85);
  });
});
