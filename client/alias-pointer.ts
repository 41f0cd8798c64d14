import type { PromptSnapshot } from '../core/contract/prompt-snapshot';
import { RegistryError } from '../core/registry-error';
import type { Answer } from './attempts';
import { type Clock, type Stopwatch, stopwatch } from './clock';
import { retryAfter } from './retry-after';
import { within } from './within';

/** Where an answer came from: SSM within the time to live, SSM before that, a snapshot, or the caller's own fallback. */
export type PromptSource = 'registry' | 'stale' | 'snapshot' | 'fallback';

/** A version that an alias pointed to. */
export interface Pointed {
  /** Absent for a fallback. */
  readonly versionArn?: string;
  readonly source: PromptSource;
  /** Milliseconds since the question was sent that this answers. */
  readonly age: number;
}

/** What stands in the place of a version where the caller's fallback is used. */
export const FALLBACK: Pointed = { source: 'fallback', age: 0 };

export interface AliasPointerSettings {
  readonly clock: Clock;
  readonly ttl: number;
  readonly maxStale: number;
  readonly snapshot?: PromptSnapshot;
}

/** Asks SSM, as an `AliasReader`. */
export type AskAlias = () => Promise<Answer<string>>;

interface Refresh {
  readonly done: Promise<void>;
  /** Settles with `done`, or when those who hold a version have waited long enough. */
  readonly grace: Promise<void>;
  /** Began after a refusal was seen. */
  readonly forced: boolean;
}

/** A busy caller is served while a refresh runs, for so long after the time to live; also the wait of an idle one. */
const GRACE = 1_000;
/** The least time between two questions after one was refused, or went unanswered with nothing in hand. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LONGEST_REST = 60_000;

/** One alias, as one process knows it. */
export interface AliasPointer {
  /** The version to serve without asking anybody, if there is one; the hot path. */
  fresh(): Pointed | undefined;
  /**
   * The version to serve, asking where that is due.
   *
   * @param hasFallback answer with source `fallback` rather than `RegistryUnavailable`
   * @throws RegistryError a refusal, or `RegistryUnavailable`
   */
  resolve(hasFallback: boolean): Promise<Pointed>;
  /** Bedrock refused this version at a call: it is not served again before the alias moved, or a time to live passed. */
  refuse(versionArn: string, error: RegistryError): void;
}

/**
 * What one process knows of one alias, and the one refresh in flight.
 *
 * A refusal wipes what was known and stands until SSM gives a good answer: no outage, snapshot or fallback hides it.
 *
 * @param alias as the snapshot names it: `financial-analysis/PROD`
 */
export function aliasPointer(
  alias: string,
  { clock, maxStale, snapshot, ttl }: AliasPointerSettings,
  ask: AskAlias,
): AliasPointer {
  const spare = snapshot?.aliases[alias];
  let known: { readonly versionArn: string; readonly age: Stopwatch } | undefined;
  let refusal: { readonly error: RegistryError; age: Stopwatch; told: boolean } | undefined;
  let outage:
    | { readonly error: unknown; readonly age: Stopwatch; readonly pause: number; readonly count: number }
    | undefined;
  /** The version that Bedrock refused last, whatever the alias says. */
  let withdrawn: { readonly versionArn: string; readonly age: Stopwatch; readonly error: RegistryError } | undefined;
  let refreshing: Refresh | undefined;

  const youngerThan = (limit: number): Pointed | undefined => {
    const age = known?.age() ?? Infinity;
    if (!known || age >= limit) return undefined;
    return { versionArn: known.versionArn, source: age < ttl ? 'registry' : 'stale', age };
  };

  const setRefusal = (error: RegistryError) => {
    known = undefined;
    refusal = { error, age: stopwatch(clock), told: false };
  };

  const setOutage = (error: unknown) => {
    const age = stopwatch(clock);
    const count = (outage?.count ?? 0) + 1;
    const backoff = Math.min(LONGEST_PAUSE, PAUSE * 2 ** (count - 1)) * (0.5 + clock.random() / 2);
    outage = { error, age, pause: Math.max(backoff, Math.min(retryAfter(error), LONGEST_REST)), count };
    if (refusal) refusal.age = age;
  };

  const askOnce = async () => {
    try {
      const { value: versionArn, age } = await ask();
      outage = undefined;
      if (withdrawn?.versionArn === versionArn && withdrawn.age() < ttl) {
        setRefusal(withdrawn.error);
      } else {
        known = { versionArn, age };
        refusal = undefined;
      }
    } catch (error) {
      if (error instanceof RegistryError) setRefusal(error);
      else setOutage(error);
    }
    refreshing = undefined;
  };

  const refresh = (forced = false): Refresh => {
    if (!refreshing) {
      const done = askOnce();
      refreshing = { done, grace: within(clock, GRACE, () => done).catch(() => undefined), forced };
    }
    return refreshing;
  };

  /** A refusal that no caller has seen is asked about once more before one does; later, once a second at most. */
  const confirm = async ({ told, age }: { told: boolean; age: Stopwatch }) => {
    if (told && age() < PAUSE) return;
    if (refreshing && !refreshing.forced) await refreshing.done;
    if (refusal) await refresh(true).done;
  };

  /** How long the pause after a failed request is over, which is short for callers that have nothing else. */
  const restedFor = (hasSpare: boolean): number => {
    if (!outage) return Infinity;
    return outage.age() - (hasSpare ? outage.pause : Math.min(outage.pause, PAUSE));
  };

  const refreshIfDue = async (hasFallback: boolean) => {
    const served = youngerThan(maxStale);
    const hasSpare = Boolean(served ?? spare ?? hasFallback);
    const overdue = Math.min(served ? served.age - ttl : Infinity, restedFor(hasSpare));
    if (overdue < 0) return;
    const isFirst = !served && !outage;
    const { done, grace } = refresh();
    if (isFirst || !hasSpare) await done;
    else if (overdue >= GRACE) await grace;
  };

  const serve = (hasFallback: boolean): Pointed => {
    if (refusal) {
      refusal.told = true;
      throw refusal.error;
    }
    const served = youngerThan(maxStale);
    if (served) return served;
    if (snapshot && spare) {
      if (spare === withdrawn?.versionArn) throw withdrawn.error;
      return { versionArn: spare, source: 'snapshot', age: Math.max(0, clock.wall() - Date.parse(snapshot.time)) };
    }
    if (hasFallback) return FALLBACK;
    throw unavailable(alias, outage?.error);
  };

  return {
    fresh: () => youngerThan(ttl),
    resolve: async (hasFallback) => {
      await (refusal ? confirm(refusal) : refreshIfDue(hasFallback));
      return serve(hasFallback);
    },
    refuse: (versionArn, error) => {
      withdrawn = { versionArn, age: stopwatch(clock), error };
      if ((known?.versionArn ?? versionArn) === versionArn) setRefusal(error);
    },
  };
}

/** @param what could not be read */
export function unavailable(what: string, cause: unknown): RegistryError {
  return new RegistryError('RegistryUnavailable', `${what} could not be read (${cause}); give a snapshot or fallback`, {
    cause,
  });
}
