import { NO_VERSION } from '../core/contract/no-version';
import type { PromptSnapshot } from '../core/contract/prompt-snapshot';
import { RegistryError } from '../core/registry-error';
import type { AliasValues } from './alias-reader';
import { AliasRollout } from './alias-rollout';
import type { Answer } from './attempts';
import { type Clock, Stopwatch } from './clock';
import { FALLBACK, type Pointed } from './pointed';
import { retryAfter } from './retry-after';
import { within } from './within';

/** What all aliases of one client share. */
export interface AliasPointerHost {
  readonly clock: Clock;
  readonly ttl: number;
  readonly maxStale: number;
  readonly snapshot?: PromptSnapshot;
  /** Asks SSM, as an `AliasReader`. */
  ask(promptName: string, aliasName: string, anew: boolean): Promise<Answer<AliasValues>>;
}

interface Refresh {
  readonly done: Promise<void>;
  /** Settles with `done`, or when those who hold a version have waited long enough. */
  readonly grace: Promise<void>;
  /** Began after a refusal was seen. */
  readonly forced: boolean;
  /** Asks for everything, also where the policy allowed the alias alone a moment ago. */
  readonly anew: boolean;
}

/** A busy caller is served while a refresh runs, for so long after the time to live; also the wait of an idle one. */
const GRACE = 1_000;
/** The least time between two questions after one was refused, or went unanswered with nothing in hand. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LONGEST_REST = 60_000;

/** A refusal by SSM or Bedrock. */
interface Refusal {
  readonly error: RegistryError;
  age: Stopwatch;
  told: boolean;
}

interface Outage {
  readonly error: unknown;
  readonly age: Stopwatch;
  readonly pause: number;
  readonly count: number;
}

/**
 * What one process knows of one alias, and the one refresh in flight.
 *
 * A refusal wipes what was known and stands until SSM gives a good answer: no outage, snapshot or fallback hides it.
 */
export class AliasPointer {
  readonly #host: AliasPointerHost;
  readonly #promptName: string;
  readonly #aliasName: string;
  /** What SSM answered last. */
  #versionArn: string | undefined;
  #guardrail: string | undefined;
  /** Since that was asked; undefined where nothing is known, or a refusal made it void. */
  #age: Stopwatch | undefined;
  #refusal: Refusal | undefined;
  #outage: Outage | undefined;
  /** The version that Bedrock refused last, whatever the alias says. */
  #withdrawn: { readonly versionArn: string; readonly age: Stopwatch; readonly error: RegistryError } | undefined;
  #refreshing: Refresh | undefined;
  /** The last question was for everything, and not for the alias alone. */
  #askedAll = false;
  /** Made when the first rollout is seen. */
  #rollout: AliasRollout | undefined;

  constructor(host: AliasPointerHost, promptName: string, aliasName: string) {
    this.#host = host;
    this.#promptName = promptName;
    this.#aliasName = aliasName;
  }

  /**
   * The version to serve without asking anybody, if there is one; the hot path.
   *
   * @param key by which a rollout draws
   */
  fresh(key?: string): Pointed | undefined {
    const young = this.#youngerThan(this.#host.ttl);
    return young && this.#draw(young, key);
  }

  /**
   * The version to serve, asking where that is due.
   *
   * @param hasFallback answer with source `fallback` rather than `RegistryUnavailable`
   * @param key by which a rollout draws
   * @throws RegistryError a refusal, or `RegistryUnavailable`
   */
  async resolve(hasFallback: boolean, key?: string): Promise<Pointed> {
    await (this.#refusal ? this.#confirm(this.#refusal) : this.#refreshIfDue(hasFallback));
    return this.#serve(hasFallback, key);
  }

  /** Whether this is the rollout under way, which has such a score, and the version one of its two. */
  isScored(plan: number, version: number, name: string): boolean {
    return this.#versionArn !== undefined && Boolean(this.#rollout?.isScored(plan, version, this.#versionArn, name));
  }

  /**
   * Bedrock refused this version at a call: it is not served again before the alias moved, or a time to live passed. A
   * candidate is not served again in its rollout, and says nothing about what the alias points to.
   */
  refuse(versionArn: string, error: RegistryError): void {
    if (this.#versionArn !== versionArn && this.#rollout?.refuse(versionArn)) return;
    this.#withdrawn = { versionArn, age: new Stopwatch(this.#host.clock), error };
    if (!this.#age || this.#versionArn === versionArn) this.#setRefusal(error);
  }

  /**
   * Asks SSM anew: a call was denied for something that may stand there. Once a second at most, and not while SSM is away.
   */
  async again(): Promise<Pointed | undefined> {
    // One that asks for the alias alone says nothing of what else may stand there.
    while (this.#refreshing && !this.#refreshing.anew) await this.#refreshing.done;
    if ((this.#askedAll && this.#youngerThan(PAUSE)) || this.#restedFor(true) < 0) return this.fresh();
    await this.#refresh(false, true).done;
    return this.fresh();
  }

  /** As the snapshot names it: `financial-analysis/PROD`. */
  get #name(): string {
    return `${this.#promptName}/${this.#aliasName}`;
  }

  #draw(stable: Pointed, key: string | undefined): Pointed {
    return this.#rollout ? this.#rollout.draw(stable, key) : stable;
  }

  #youngerThan(limit: number): Pointed | undefined {
    const age = this.#age?.elapsed() ?? Infinity;
    if (age >= limit) return undefined;
    const source = age < this.#host.ttl ? 'registry' : 'stale';
    return { versionArn: this.#versionArn, source, age, guardrail: this.#guardrail };
  }

  #setRefusal(error: RegistryError): void {
    this.#age = undefined;
    this.#refusal = { error, age: new Stopwatch(this.#host.clock), told: false };
  }

  #setOutage(error: unknown): void {
    const { clock } = this.#host;
    const age = new Stopwatch(clock);
    const count = (this.#outage?.count ?? 0) + 1;
    const backoff = Math.min(LONGEST_PAUSE, PAUSE * 2 ** (count - 1)) * (0.5 + clock.random() / 2);
    this.#outage = { error, age, pause: Math.max(backoff, Math.min(retryAfter(error), LONGEST_REST)), count };
    if (this.#refusal) this.#refusal.age = age;
  }

  async #askOnce(anew: boolean): Promise<void> {
    try {
      const { value, age } = await this.#host.ask(this.#promptName, this.#aliasName, anew);
      const { versionArn, rollout, progress, guardrail } = value;
      this.#guardrail = guardrail;
      this.#askedAll = anew || 'guardrail' in value;
      if (rollout && rollout !== NO_VERSION) this.#rollout ??= new AliasRollout(this.#host.clock);
      this.#rollout?.learn(rollout, progress);
      const withdrawn = this.#withdrawn;
      this.#outage = undefined;
      if (withdrawn?.versionArn === versionArn && withdrawn.age.elapsed() < this.#host.ttl) {
        this.#setRefusal(withdrawn.error);
      } else {
        this.#versionArn = versionArn;
        this.#age = age;
        this.#refusal = undefined;
      }
    } catch (error) {
      if (error instanceof RegistryError) this.#setRefusal(error);
      else this.#setOutage(error);
    }
    this.#refreshing = undefined;
  }

  #refresh(forced = false, anew = false): Refresh {
    if (!this.#refreshing) {
      const done = this.#askOnce(anew);
      const grace = within(this.#host.clock, GRACE, () => done).catch(() => undefined);
      this.#refreshing = { done, grace, forced, anew };
    }
    return this.#refreshing;
  }

  /** A refusal that no caller has seen is asked about once more before one does; later, once a second at most. */
  async #confirm({ told, age }: Refusal): Promise<void> {
    if (told && age.elapsed() < PAUSE) return;
    if (this.#refreshing && !this.#refreshing.forced) await this.#refreshing.done;
    if (this.#refusal) await this.#refresh(true).done;
  }

  /** How long the pause after a failed request is over, which is short for callers that have nothing else. */
  #restedFor(hasSpare: boolean): number {
    if (!this.#outage) return Infinity;
    const { age, pause } = this.#outage;
    return age.elapsed() - (hasSpare ? pause : Math.min(pause, PAUSE));
  }

  async #refreshIfDue(hasFallback: boolean): Promise<void> {
    const { maxStale, ttl } = this.#host;
    const served = this.#youngerThan(maxStale);
    const hasSpare = Boolean(served ?? this.#spare() ?? hasFallback);
    const overdue = Math.min(served ? served.age - ttl : Infinity, this.#restedFor(hasSpare));
    if (overdue < 0) return;
    const isFirst = !served && !this.#outage;
    const { done, grace } = this.#refresh();
    if (isFirst || !hasSpare) await done;
    else if (overdue >= GRACE) await grace;
  }

  #spare(): string | undefined {
    return this.#host.snapshot?.aliases[this.#name];
  }

  #serve(hasFallback: boolean, key: string | undefined): Pointed {
    if (this.#refusal) {
      this.#refusal.told = true;
      throw this.#refusal.error;
    }
    const { clock, maxStale, snapshot } = this.#host;
    const served = this.#youngerThan(maxStale);
    if (served) return this.#draw(served, key);
    const spare = this.#spare();
    if (snapshot && spare) {
      if (this.#withdrawn && spare === this.#withdrawn.versionArn) throw this.#withdrawn.error;
      const age = Math.max(0, clock.wall() - Date.parse(snapshot.time));
      return {
        versionArn: spare,
        source: 'snapshot',
        age,
        guardrail: snapshot.guardrails?.[this.#name],
      };
    }
    // A model of the alias's is asked for it too.
    if (hasFallback) return { ...FALLBACK, guardrail: this.#guardrail };
    throw unavailable(this.#name, this.#outage?.error);
  }
}

/** @param what could not be read */
export function unavailable(what: string, cause: unknown): RegistryError {
  return new RegistryError('RegistryUnavailable', `${what} could not be read (${cause}); give a snapshot or fallback`, {
    cause,
  });
}
