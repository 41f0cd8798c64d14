import fc from 'fast-check';
import type { Step } from '../history';

/** What may happen to an alias. */
export type Happening =
  /** A release. `to` undefined: only the withdrawn versions change. */
  | { readonly what: 'release'; readonly to: number | undefined; readonly withdrawn: readonly number[] }
  /** A release that fails: `records` says whether it came to its record, `fences` how often the way back was tried. */
  | {
      readonly what: 'failure';
      readonly to: number | undefined;
      readonly withdrawn: readonly number[];
      readonly records: boolean;
      readonly fences: number;
    }
  /** Updates that fail without a rollback, one on top of the other, until the stack is rolled back. */
  | { readonly what: 'no rollback'; readonly to: readonly number[] }
  /** A removal, and after it a Create that fails, with its record or without, more than once. */
  | {
      readonly what: 'removal';
      readonly failedCreates: readonly {
        readonly to: number;
        readonly withdrawn: readonly number[];
        readonly records: boolean;
      }[];
    }
  /** A plan anew that moves nothing; it leaves a record only on the way back. */
  | { readonly what: 'nothing' };

/** What the alias's stack believes, kept without any record: the oracle that the ledger's readers are compared with. */
interface Belief {
  place: number | null;
  withdrawn: readonly number[];
  /** Newest first; `withdrawn` once the version was withdrawn after it came. */
  arrivals: { version: number; withdrawn: boolean }[];
}

export interface Life {
  /** Oldest first. */
  readonly steps: readonly Step[];
  readonly place: number | null;
  readonly withdrawn: readonly number[];
  /** Versions that callers may use after a release to `target` with these withdrawn versions. */
  callable(target: number | null, withdrawn: readonly number[], size: number): number[];
}

/** Lives through what happens: the records that the handlers write, and what is true at its end. */
export function live(happenings: readonly Happening[]): Life {
  const steps: Step[] = [];
  let belief: Belief = { place: null, withdrawn: [], arrivals: [] };
  const moved = (to: number | null, withdrawn: readonly number[]): Belief => {
    const arrivals = belief.arrivals.map((one) => ({
      ...one,
      withdrawn: one.withdrawn || withdrawn.includes(one.version),
    }));
    if (to !== null && to !== belief.place) arrivals.unshift({ version: to, withdrawn: false });
    return { place: to, withdrawn, arrivals };
  };
  const changes = (to: number | null, withdrawn: readonly number[]) =>
    to !== belief.place || String(withdrawn) !== String(belief.withdrawn);
  const isRefused = (to: number | null, withdrawn: readonly number[]) =>
    to !== null && to !== belief.place && withdrawn.includes(to);
  for (const happening of happenings) {
    switch (happening.what) {
      case 'release': {
        const { to = belief.place, withdrawn } = happening;
        if (isRefused(to, withdrawn)) break;
        if (changes(to, withdrawn)) steps.push({ to, withdrawn });
        belief = moved(to, withdrawn);
        break;
      }
      case 'failure': {
        const { to = belief.place, withdrawn, records, fences } = happening;
        if (records && changes(to, withdrawn) && !isRefused(to, withdrawn)) steps.push({ to, withdrawn });
        for (let fence = 0; fence < fences; fence++) {
          steps.push({ to: belief.place, withdrawn: belief.withdrawn, undo: true });
        }
        break;
      }
      case 'no rollback': {
        const { place, withdrawn } = belief;
        const visited = new Set<number | null>([place]);
        for (const to of happening.to.filter((one) => !visited.has(one) && visited.add(one))) {
          steps.push({ to, withdrawn });
        }
        steps.push({ to: place, withdrawn, undo: true });
        break;
      }
      case 'removal': {
        const { withdrawn } = belief;
        if (belief.place === null) break;
        steps.push({ to: null, withdrawn });
        belief = moved(null, withdrawn);
        for (const create of happening.failedCreates) {
          if (create.records && !isRefused(create.to, create.withdrawn)) steps.push(create);
          steps.push({ to: null, undo: true, withdrawn: steps.at(-1)?.withdrawn ?? [] });
        }
        break;
      }
      case 'nothing':
        steps.push({ to: belief.place, withdrawn: belief.withdrawn, undo: true });
    }
  }
  const { place, withdrawn, arrivals } = belief;
  return {
    steps,
    place,
    withdrawn,
    callable: (target, gone, size) => {
      const places = target === null ? [] : [{ version: target, withdrawn: false }];
      for (const arrival of arrivals) {
        if (!places.some(({ version }) => version === arrival.version)) places.push(arrival);
      }
      const kept = places.slice(0, size).filter((one) => !one.withdrawn && !gone.includes(one.version));
      return kept.map(({ version }) => version);
    },
  };
}

const version = fc.integer({ min: 1, max: 5 });
const place = fc.option(version, { nil: undefined, freq: 3 });
export const withdrawnVersions = fc
  .uniqueArray(version, { maxLength: 2 })
  .map((versions) => versions.sort((a, b) => a - b));

export const lives: fc.Arbitrary<Life> = fc
  .array(
    fc.oneof(
      fc.record({ what: fc.constant('release' as const), to: place, withdrawn: withdrawnVersions }),
      fc.record({
        what: fc.constant('failure' as const),
        to: place,
        withdrawn: withdrawnVersions,
        records: fc.boolean(),
        fences: fc.integer({ min: 1, max: 2 }),
      }),
      fc.record({ what: fc.constant('no rollback' as const), to: fc.array(version, { minLength: 1, maxLength: 3 }) }),
      fc.record({
        what: fc.constant('removal' as const),
        failedCreates: fc.array(fc.record({ to: version, withdrawn: withdrawnVersions, records: fc.boolean() }), {
          maxLength: 2,
        }),
      }),
      fc.constant({ what: 'nothing' as const }),
    ),
    { maxLength: 14 },
  )
  .map(live);
