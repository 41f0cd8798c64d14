import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GATE_MUTANTS } from './faults/gate-mutants';
import { MUTANTS } from './faults/mutants';
import { ROLLOUT_MUTANTS } from './faults/rollouts/rollout-mutants';

const CHANGES = [...MUTANTS, ...GATE_MUTANTS, ...ROLLOUT_MUTANTS].flatMap(({ name, changes }) =>
  changes.map((change) => ({ name, ...change })),
);

describe('a mutant', () => {
  // One that the source has outgrown would say nothing for months: the matrix of mutants is run by hand.
  it.each(CHANGES)('called $name can still be made of $file', ({ file, text }) => {
    expect(readFileSync(join(__dirname, '..', file), 'utf8').split(text)).toHaveLength(2);
  });
});
