import { OpenPrompts } from './open-prompts';
import type { KeyHolder, Keys } from './ports';
import { sameSecret } from './same-secret';

export interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Each pair of keys has a project of its own, empty at first. */
export function openKeys(pairs: readonly KeyPair[]): Keys {
  const holders = new Map(pairs.map((pair) => [pair.publicKey, holderOf(pair)]));
  return { find: async (publicKey) => holders.get(publicKey) };
}

/** How many projects at most, since anybody makes one. */
const MOST_PROJECTS = 10_000;

/** Any pair that looks like one of Langfuse's: its first use makes its project, and from then on its secret counts. */
export function anyKeys(pairs: readonly KeyPair[]): Keys {
  const holders = new Map(pairs.map((pair) => [pair.publicKey, holderOf(pair)]));
  return {
    find: async (publicKey, secretKey = '') => {
      const isNew = !holders.has(publicKey) && /^pk-lf-./.test(publicKey) && /^sk-lf-./.test(secretKey);
      if (isNew && holders.size < MOST_PROJECTS) holders.set(publicKey, holderOf({ publicKey, secretKey }));
      return holders.get(publicKey);
    },
  };
}

function holderOf({ publicKey, secretKey }: KeyPair): KeyHolder {
  const id = `open-${publicKey}`;
  const prompts = new OpenPrompts(id);
  return {
    publicKey,
    project: { id, name: 'In memory' },
    pointers: prompts,
    contents: prompts,
    writes: prompts,
    isSecret: async (given) => sameSecret(given, secretKey),
  };
}
