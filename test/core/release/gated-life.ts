import fc from 'fast-check';
import type { Passed } from '../../../core/ledger/record-schema-2';
import type { Step } from '../history';
import { withdrawnVersions } from './life-of-an-alias';

/** What may happen to an alias that has a gate, had none before, or loses it. */
type Happening =
  | {
      readonly what: 'release' | 'failure';
      readonly to: number | undefined;
      readonly withdrawn: readonly number[];
      readonly gated: boolean;
    }
  | { readonly what: 'removal' };

type Event =
  | { readonly kind: 'arrival'; readonly version: number; readonly beyond: boolean }
  | { readonly kind: 'withdrawal'; readonly versions: readonly number[] }
  | { readonly kind: 'removal' };

export interface GatedLife {
  /** Oldest first. */
  readonly steps: readonly Step[];
  readonly place: number | null;
  isBack(version: number): boolean;
}

/** Lives through what happens: the records, and what is true of it by the definition of the ground alone. */
function live(happenings: readonly Happening[]): GatedLife {
  const steps: Step[] = [];
  let events: readonly Event[] = [];
  let place: number | null = null;
  let withdrawn: readonly number[] = [];
  for (const happening of happenings) {
    if (happening.what === 'removal') {
      if (place === null) continue;
      steps.push({ to: null, withdrawn });
      place = null;
      events = [...events, { kind: 'removal' }];
      continue;
    }
    const { gated, what } = happening;
    const to: number | null = happening.to ?? place;
    const isMove = to !== null && to !== place;
    if (isMove && happening.withdrawn.includes(to)) continue;
    if (!isMove && String(withdrawn) === String(happening.withdrawn)) continue;
    const back = isMove && isIn(to, events);
    const passed: Passed = back ? { how: 'back', to: 1 } : { how: 'agreed', gates: [], reviews: [], model: null };
    steps.push({ to, withdrawn: happening.withdrawn, ...(isMove && gated && { passed }) });
    if (what === 'failure') {
      steps.push({ to: place, withdrawn, undo: true });
      continue;
    }
    const beyond = !gated && to !== null && to < (place ?? 0);
    if (isMove) events = [...events, { kind: 'arrival', version: to, beyond }];
    events = [...events, { kind: 'withdrawal', versions: happening.withdrawn }];
    place = to;
    withdrawn = happening.withdrawn;
  }
  return { steps, place, isBack: (version) => version !== place && isIn(version, events) };
}

/** By definition: live once, and neither withdrawn nor left backwards since. */
function isIn(version: number, events: readonly Event[]): boolean {
  const last = events.findLastIndex((event) => event.kind === 'arrival' && event.version === version);
  const began = last < 0 ? -1 : entered(version, events);
  if (began < 0) return false;
  return events.every((event, index) => {
    if (index <= began) return true;
    if (event.kind === 'removal') return false;
    if (event.kind === 'withdrawal') return !event.versions.includes(version);
    if (event.version === version) return true;
    const before = events.slice(0, index);
    // To what was there before it: it was left backwards. To what nobody remembers: so was everything.
    return isIn(event.version, before) ? entered(event.version, before) > began : !event.beyond;
  });
}

/** Since when the version is in the ground without a break; -1 where it never came. */
function entered(version: number, events: readonly Event[]): number {
  const last = events.findLastIndex((event) => event.kind === 'arrival' && event.version === version);
  if (last < 0) return -1;
  return isIn(version, events.slice(0, last)) ? entered(version, events.slice(0, last)) : last;
}

const version = fc.integer({ min: 1, max: 5 });
const to = fc.option(version, { nil: undefined, freq: 8 });

export const gatedLives: fc.Arbitrary<GatedLife> = fc
  .array(
    fc.oneof(
      {
        weight: 9,
        arbitrary: fc.record({
          what: fc.constantFrom('release' as const, 'release' as const, 'failure' as const),
          to,
          withdrawn: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, withdrawnVersions),
          gated: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ what: 'removal' as const }) },
    ),
    { maxLength: 10 },
  )
  .map(live);
