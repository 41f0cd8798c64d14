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
