/** One stay of the alias on a version, and what was rolled out meanwhile, oldest first. */
interface Stay {
  readonly version: number | null;
  readonly candidates: readonly number[];
}

/** Where PROD should be; nothing in here is read from the account but the number of a plan that just began. */
export interface RollingState {
  /** What the stack parameter says. */
  readonly declared: string;
  readonly prod: 'rolls out' | 'plain' | 'removed';
  /** Oldest first; releases that failed left no trace. */
  readonly stays: readonly Stay[];
  readonly rollout: { readonly candidate: number; readonly plan: number } | null;
  readonly withdrawn: readonly number[];
  /** Versions that were withdrawn since they last came to be served: off the list they are not callable again. */
  readonly remembered: readonly number[];
}

/** Not known before the record is there. */
export const NEW_PLAN = 0;

const SLOTS = 3;

export const nothing: RollingState = {
  declared: 'none',
  prod: 'rolls out',
  stays: [],
  rollout: null,
  withdrawn: [],
  remembered: [],
};

export function stableOf(state: RollingState): number | null {
  return state.stays.at(-1)?.version ?? null;
}

/** The alias stands on the version from now on, or nowhere, and nothing is rolled out. */
export function moved(state: RollingState, version: number | null): RollingState {
  // Who stays does not arrive: what was withdrawn meanwhile is callable until the alias moves on.
  if (stableOf(state) === version) return { ...state, rollout: null };
  const stays = [...state.stays, { version, candidates: [] }];
  return { ...state, stays, rollout: null, remembered: state.remembered.filter((one) => one !== version) };
}

/** The candidate is rolled out from now on. */
export function began(state: RollingState, candidate: number): RollingState {
  const last = state.stays.at(-1) as Stay;
  const stays = [...state.stays.slice(0, -1), { ...last, candidates: [...last.candidates, candidate] }];
  const remembered = state.remembered.filter((one) => one !== candidate);
  return { ...state, stays, rollout: { candidate, plan: NEW_PLAN }, remembered };
}

/** These versions are withdrawn from now on; a rollout of one of them, or over one, is over. */
export function withdrew(state: RollingState, withdrawn: readonly number[]): RollingState {
  const sides = [stableOf(state), state.rollout?.candidate];
  return {
    ...state,
    withdrawn,
    remembered: [...new Set([...state.remembered, ...withdrawn])],
    rollout: sides.some((side) => withdrawn.includes(side ?? 0)) ? null : state.rollout,
  };
}

/** What PROD's callers may use: both sides, then what was served before, without what was withdrawn. */
export function callableOf(state: RollingState): number[] {
  const sides = [stableOf(state), state.rollout?.candidate ?? null];
  const before = [...state.stays]
    .reverse()
    .flatMap(({ version, candidates }) => [version, ...[...candidates].reverse()]);
  const all = [...new Set([...sides, ...before])].filter((version) => version !== null);
  const isOut = (version: number) => !sides.includes(version) && state.remembered.includes(version);
  return all.slice(0, SLOTS).filter((version) => !state.withdrawn.includes(version) && !isOut(version));
}

export function described(state: RollingState): string {
  const { rollout, withdrawn, declared } = state;
  const runs = rollout ? `, rolls out ${rollout.candidate} by plan ${rollout.plan}` : '';
  const out = withdrawn.length > 0 ? `, withdrawn ${withdrawn}` : '';
  return `PROD (${declared}) → ${stableOf(state) ?? 'none'}${runs}${out}`;
}
