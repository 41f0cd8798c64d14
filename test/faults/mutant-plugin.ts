import { resolve } from 'node:path';
import { MUTANTS } from './mutants';
import { changed } from './source-change';

/** Lets vitest's tests import the sources with a mutant's changes: `MUTANT='a shorter window of held versions' npx vitest …`. */
export function mutantPlugin(name: string) {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (!mutant) throw new Error(`expected a mutant of test/faults/mutants.ts, found ${name}`);
  return {
    name: 'mutant',
    enforce: 'pre' as const,
    load(id: string) {
      const own = mutant.changes.filter(({ file }) => resolve(file) === id);
      return own.length === 0 ? undefined : changed(id, own);
    },
  };
}
