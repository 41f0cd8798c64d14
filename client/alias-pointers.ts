import type { AliasPointer } from './alias-pointer';

/** How many aliases are kept that SSM has not named yet: their names may come from outside, and have no end. */
const STRANGERS = 200;

/** The aliases that a client was asked for, by `financial-analysis/PROD`. */
export interface AliasPointers {
  /** Without making one. */
  peek(key: string): AliasPointer | undefined;
  get(key: string, make: () => AliasPointer): AliasPointer;
  /** The alias exists: it is kept for good, with what was refused of it. */
  keep(key: string, pointer: AliasPointer): void;
}

/** @param isKnown tells aliases that exist, without asking anybody */
export function aliasPointers(isKnown: (key: string) => boolean): AliasPointers {
  const kept = new Map<string, AliasPointer>();
  const strangers = new Map<string, AliasPointer>();
  const peek = (key: string) => kept.get(key) ?? strangers.get(key);
  return {
    peek,
    get: (key, make) => {
      const known = peek(key);
      if (known) return known;
      const pointer = make();
      (isKnown(key) ? kept : strangers).set(key, pointer);
      if (strangers.size > STRANGERS) strangers.delete(strangers.keys().next().value as string);
      return pointer;
    },
    keep: (key, pointer) => {
      kept.set(key, pointer);
      strangers.delete(key);
    },
  };
}
