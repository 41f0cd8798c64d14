import { formatWithdrawnVersions } from '../../core/release/withdrawn-versions';
import { ALIASES, type AliasName } from './account';

/** Where everything should be; nothing in here is read from the account. */
export interface State {
  readonly content: number;
  readonly withdrawn: readonly number[];
  /** What the stack parameter of PROD says. */
  readonly prod: string;
  /** Where each alias stood, oldest first, null for nowhere; releases that failed left no trace. No entry: no such alias. */
  readonly stood: Readonly<Partial<Record<AliasName, readonly (number | null)[]>>>;
  /** Where aliases stood that were removed since; the ledger remembers them when they come again. */
  readonly former: Readonly<Partial<Record<AliasName, readonly (number | null)[]>>>;
  /** Versions that were withdrawn since an alias last came to stand on them: off the list they are not callable again. */
  readonly remembered: Readonly<Partial<Record<AliasName, readonly number[]>>>;
}

export const nowhere: State = { content: 0, withdrawn: [], prod: 'none', stood: {}, former: {}, remembered: {} };

export function targetOf(state: State, alias: AliasName): number | null {
  return state.stood[alias]?.at(-1) ?? null;
}

/** What an alias's callers may use: where it stands and where it stood just before, without what was withdrawn since. */
export function callableOf(state: State, alias: AliasName, exists: (version: number) => boolean): number[] {
  const newestFirst = [...(state.stood[alias] ?? [])].reverse().filter((version) => version !== null);
  const target = targetOf(state, alias);
  const isOut = (version: number) => version !== target && state.remembered[alias]?.includes(version);
  return [...new Set(newestFirst)]
    .slice(0, 2)
    .filter((version) => !state.withdrawn.includes(version) && !isOut(version) && exists(version));
}

/** The state after an alias came to stand on a version. */
export function moved(state: State, alias: AliasName, version: number | null): State {
  const stood = state.stood[alias] ?? state.former[alias] ?? [];
  return state.stood[alias] && stood.at(-1) === version
    ? state
    : {
        ...state,
        stood: { ...state.stood, [alias]: [...stood, version] },
        remembered: { ...state.remembered, [alias]: (state.remembered[alias] ?? []).filter((one) => one !== version) },
      };
}

/** The state once each alias has a record of the versions that are withdrawn now. */
export function remembering(state: State): State {
  const remembered = existing(state).map((alias) => [
    alias,
    [...new Set([...(state.remembered[alias] ?? []), ...state.withdrawn])],
  ]);
  return { ...state, remembered: { ...state.remembered, ...Object.fromEntries(remembered) } };
}

export function without(state: State, alias: AliasName): State {
  const stood = Object.fromEntries(Object.entries(state.stood).filter(([name]) => name !== alias));
  return { ...state, stood, former: { ...state.former, [alias]: [...(state.stood[alias] ?? []), null] } };
}

export function existing(state: State): AliasName[] {
  return ALIASES.filter((alias) => state.stood[alias] !== undefined);
}

export function described(state: State): string {
  const aliases = existing(state).map((alias) => `${alias} → ${targetOf(state, alias) ?? 'none'}`);
  return [...aliases, `content ${state.content}`, `withdrawn ${formatWithdrawnVersions([...state.withdrawn])}`].join(
    ', ',
  );
}
