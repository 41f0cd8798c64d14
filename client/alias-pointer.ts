import { RegistryError } from '../core/registry-error';
import type { Answer } from './attempts';
import { type Clock, type Stopwatch, settledWithin, stopwatch } from './clock';
import { retryAfter } from './failure';

/** Where an answer came from: SSM within the time to live, SSM before that, a snapshot, or the caller's own fallback. */
export type PromptSource = 'registry' | 'stale' | 'snapshot' | 'fallback';

/** A version that an alias pointed to. */
export interface Pointed {
  readonly versionArn: string;
  readonly source: PromptSource;
  /** Milliseconds since the question was sent that this answers. */
  readonly age: number;
}

export interface AliasPointerSettings {
  readonly parameterName: string;
  readonly clock: Clock;
  readonly ttl: number;
  readonly maxStale: number;
  /** Asks SSM, with retries. Rejects with a RegistryError when refused, with anything else on an outage. */
  readonly ask: () => Promise<Answer<string>>;
  /** What a snapshot says, and since when (ms since 1970). */
  readonly snapshot?: { readonly versionArn: string; readonly time: number };
}

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

/**
 * What one process knows of one alias, and the one refresh in flight.
 *
 * A refusal wipes what was known and stands until SSM gives a good answer: no outage, snapshot or fallback hides it.
 */
export class AliasPointer {
  readonly #settings: AliasPointerSettings;
  #known?: { readonly versionArn: string; readonly age: Stopwatch };
  #refusal?: { readonly error: RegistryError; readonly age: Stopwatch; told: boolean };
  #outage?: { readonly error: unknown; readonly age: Stopwatch; readonly pause: number; readonly count: number };
  /** The version that Bedrock refused last, whatever the alias says. */
  #withdrawn?: { readonly versionArn: string; readonly age: Stopwatch; readonly error: RegistryError };
  #refreshing?: Refresh;

  constructor(settings: AliasPointerSettings) {
    this.#settings = settings;
  }

  /** The version to serve without asking anybody, if there is one; the hot path. */
  fresh(): Pointed | undefined {
    return this.#youngerThan(this.#settings.ttl);
  }

  /**
   * The version to serve, asking where that is due.
   *
   * @returns undefined if SSM is out of reach, nothing is known, and the caller said it has a fallback
   * @throws RegistryError a refusal, or `RegistryUnavailable`
   */
  async resolve(hasFallback: boolean): Promise<Pointed | undefined> {
    if (this.#refusal) await this.#confirm(this.#refusal);
    else await this.#refreshIfDue(hasFallback);
    return this.#serve(hasFallback);
  }

  /** Bedrock refused this version at a call: it is not served again before the alias moved, or a time to live passed. */
  refuse(versionArn: string, error: RegistryError): void {
    this.#withdrawn = { versionArn, age: stopwatch(this.#settings.clock), error };
    if ((this.#known?.versionArn ?? versionArn) === versionArn) this.#setRefusal(error);
  }

  /** A refusal that no caller has seen is asked about once more before one does; later, once a second at most. */
  async #confirm(refusal: { age: Stopwatch; told: boolean }): Promise<void> {
    if (refusal.told && refusal.age() < PAUSE) return;
    if (this.#refreshing && !this.#refreshing.forced) await this.#refreshing.done;
    if (this.#refusal) await this.#refresh(true).done;
  }

  async #refreshIfDue(hasFallback: boolean): Promise<void> {
    const { ttl, maxStale, snapshot } = this.#settings;
    const known = this.#youngerThan(maxStale);
    const hasSpare = known ?? snapshot ?? hasFallback;
    const outage = this.#outage;
    const rested = outage && outage.age() - (hasSpare ? outage.pause : Math.min(outage.pause, PAUSE));
    const overdue = Math.min(known ? known.age - ttl : Infinity, rested ?? Infinity);
    if (overdue < 0) return;
    const { done, grace } = this.#refresh();
    if (!hasSpare || !(known || outage)) await done;
    else if (overdue >= GRACE) await grace;
  }

  #serve(hasFallback: boolean): Pointed | undefined {
    if (this.#refusal) {
      this.#refusal.told = true;
      throw this.#refusal.error;
    }
    const { snapshot, maxStale, clock, parameterName } = this.#settings;
    const known = this.#youngerThan(maxStale);
    if (known) return known;
    if (snapshot) {
      const { versionArn, time } = snapshot;
      if (versionArn === this.#withdrawn?.versionArn) throw this.#withdrawn.error;
      return { versionArn, source: 'snapshot', age: Math.max(0, clock.wall() - time) };
    }
    if (hasFallback) return undefined;
    throw unavailable(parameterName, this.#outage?.error);
  }

  #youngerThan(limit: number): Pointed | undefined {
    if (this.#known === undefined) return undefined;
    const age = this.#known.age();
    if (age >= limit) return undefined;
    return { versionArn: this.#known.versionArn, source: age < this.#settings.ttl ? 'registry' : 'stale', age };
  }

  #refresh(forced = false): Refresh {
    if (this.#refreshing === undefined) {
      const done = this.#ask().finally(() => {
        this.#refreshing = undefined;
      });
      this.#refreshing = { done, grace: settledWithin(this.#settings.clock, done, GRACE), forced };
    }
    return this.#refreshing;
  }

  async #ask(): Promise<void> {
    try {
      const { value: versionArn, age } = await this.#settings.ask();
      this.#outage = undefined;
      const withdrawn = this.#withdrawn;
      if (withdrawn?.versionArn === versionArn && withdrawn.age() < this.#settings.ttl) {
        this.#setRefusal(withdrawn.error);
      } else {
        this.#known = { versionArn, age };
        this.#refusal = undefined;
      }
    } catch (error) {
      if (error instanceof RegistryError) this.#setRefusal(error);
      else this.#setOutage(error);
    }
  }

  #setRefusal(error: RegistryError): void {
    this.#known = undefined;
    this.#outage = undefined;
    this.#refusal = { error, age: stopwatch(this.#settings.clock), told: false };
  }

  #setOutage(error: unknown): void {
    const { clock } = this.#settings;
    const count = (this.#outage?.count ?? 0) + 1;
    const backoff = Math.min(LONGEST_PAUSE, PAUSE * 2 ** (count - 1)) * (0.5 + clock.random() / 2);
    const pause = Math.max(backoff, Math.min(retryAfter(error), LONGEST_REST));
    this.#outage = { error, age: stopwatch(clock), pause, count };
    if (this.#refusal) this.#refusal = { ...this.#refusal, age: this.#outage.age };
  }
}

/** @param what could not be read */
export function unavailable(what: string, cause: unknown): RegistryError {
  return new RegistryError(
    'RegistryUnavailable',
    `${what} could not be read (${cause ?? 'no answer yet'}); for such times give the client a snapshot or the call a fallback`,
    { cause },
  );
}
