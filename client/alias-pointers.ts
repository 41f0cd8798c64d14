import type { AliasPointer } from './alias-pointer';

/** How many aliases are kept that SSM has not named yet: their names may come from outside, and have no end. */
const STRANGERS = 200;

/** The aliases that a client was asked for. */
export interface AliasPointers {
  /** Without making one. */
  peek(prompt: string, alias: string): AliasPointer | undefined;
  get(prompt: string, alias: string, make: () => AliasPointer): AliasPointer;
  /** The alias exists: it is kept for good, with what was refused of it. */
  keep(prompt: string, alias: string, pointer: AliasPointer): void;
  /** Names of the prompts whose alias of this name is kept. */
  prompts(alias: string): string[];
}

/** @param isKnown tells aliases that exist, without asking anybody */
export function aliasPointers(isKnown: (prompt: string, alias: string) => boolean): AliasPointers {
  // By alias, then by prompt: a key of both would be joined and hashed in every use.
  const kept = new Map<string, Map<string, AliasPointer>>();
  const strangers = new Map<string, AliasPointer>();
  // Most clients are asked for one alias again and again.
  let lastAlias: string | undefined;
  let ofLastAlias: Map<string, AliasPointer> | undefined;
  const peek = (prompt: string, alias: string) => {
    if (alias !== lastAlias || !ofLastAlias) {
      lastAlias = alias;
      ofLastAlias = kept.get(alias);
    }
    return ofLastAlias?.get(prompt) ?? strangers.get(`${prompt}/${alias}`);
  };
  const keep = (prompt: string, alias: string, pointer: AliasPointer) => {
    const ofAlias = kept.get(alias) ?? new Map<string, AliasPointer>();
    kept.set(alias, ofAlias.set(prompt, pointer));
    strangers.delete(`${prompt}/${alias}`);
  };
  return {
    peek,
    get: (prompt, alias, make) => {
      const known = peek(prompt, alias);
      if (known) return known;
      const pointer = make();
      if (isKnown(prompt, alias)) keep(prompt, alias, pointer);
      else strangers.set(`${prompt}/${alias}`, pointer);
      if (strangers.size > STRANGERS) strangers.delete(strangers.keys().next().value as string);
      return pointer;
    },
    keep,
    prompts: (alias) => [...(kept.get(alias)?.keys() ?? [])],
  };
}
