import { createHash } from 'node:crypto';
import { placeOf } from '../../../core/rollout/share';

/** What applications use as keys. */
const SHAPES: readonly ((n: number) => string)[] = [
  (n) => `user-${n}`,
  (n) => `${1_000_000 + n}`,
  (n) => `person.${n}@bank.example`,
  (n) => `${(Math.imul(n, 0x9e3779b1) >>> 0).toString(16)}-4a5b`,
];

const BUCKETS = 100;

/** Beyond this χ² of 99 degrees of freedom lies one even cell in a million: the largest proof has 80 of them. */
export const EVEN_AT_MOST = 181;

export interface Cell {
  readonly shape: number;
  readonly salt: number;
  readonly chiSquare: number;
  /** Of the shares at 5, 25 and 50 %: the largest distance from what was asked, in standard deviations. */
  readonly shareError: number;
  /** How many keys are among the first quarter under this salt and under the next one, of those that chance puts there. */
  readonly overlap: number;
}

/** How evenly keys lie, by shape and salt. */
export function evenness(keys: number, salts: number, seed: number, place = placeOf): Cell[] {
  const digests = Array.from(
    { length: salts + 1 },
    (_, index) => `pd1:${createHash('sha256').update(`${seed} ${index}`).digest('hex')}`,
  );
  return SHAPES.flatMap((keyOf, shape) => {
    let before = new Uint8Array(keys);
    return digests.flatMap((salt, index) => {
      const counts = new Array<number>(BUCKETS).fill(0);
      const quarter = new Uint8Array(keys);
      let both = 0;
      for (let n = 0; n < keys; n++) {
        const found = place(salt, keyOf(n));
        const bucket = Math.floor(found * BUCKETS);
        counts[bucket] = (counts[bucket] ?? 0) + 1;
        if (found >= 0.25) continue;
        quarter[n] = 1;
        both += before[n] ?? 0;
      }
      before = quarter;
      // The first salt has no neighbour yet.
      if (index === 0) return [];
      const expected = keys / BUCKETS;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      const shareError = Math.max(
        ...[5, 25, 50].map((percent) => {
          const inside = counts.slice(0, percent).reduce((sum, count) => sum + count, 0);
          const share = percent / BUCKETS;
          return Math.abs(inside - keys * share) / Math.sqrt(keys * share * (1 - share));
        }),
      );
      return [{ shape, salt: index, chiSquare, shareError, overlap: both / (keys / 16) }];
    });
  });
}
