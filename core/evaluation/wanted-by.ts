import type { CheckedCase } from './check-kind';
import type { Check } from './evaluation-suite';

/** What a check compares the answer to a case with; undefined where the case holds nothing at the check's path. */
export function wantedBy({ of, value }: Check, { variables, expected }: CheckedCase): unknown {
  if (of === undefined) return value;
  return of.split('.').reduce<unknown>(
    (at, name) => {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
      return (at as Record<string, unknown>)[name];
    },
    { variables, expected },
  );
}
