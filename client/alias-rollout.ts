import {
  parseProgress,
  parseRollout,
  type RolloutProgress,
  type RolloutValue,
} from '../core/contract/rollout-parameters';
import { versionOfArn } from '../core/contract/version-arn';
import { drawKey, shareAt } from '../core/rollout/share';
import type { Clock } from './clock';
import { FirstUses } from './first-uses';
import type { Pointed } from './pointed';

/** What a process has seen of one plan. */
interface Seen {
  progress: RolloutProgress;
  /** Number of the progress whose time has come. */
  inEffect?: number;
  /** Bedrock refused the candidate. */
  isRefused?: boolean;
}

/** A failed update brings the plan back that it replaced: some more than two are remembered. */
const PLANS = 4;

/**
 * What one process knows of an alias's rollout. Nothing in it goes back: not to an older progress, not from a halt to a
 * step, not when the clock is set back.
 */
export class AliasRollout {
  readonly #clock: Clock;
  readonly #seen = new Map<number, Seen>();
  /** One for all plans: what is remembered of keys does not grow with them. */
  readonly #firsts = new FirstUses();
  #rollout: RolloutValue | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Values of the two parameters, as SSM answered them; undefined for one that is not there. */
  learn(rollout: string | undefined, progress: string | undefined): void {
    this.#rollout = parseRollout(rollout);
    const found = parseProgress(progress);
    if (!found) return;
    const seen = this.#seen.get(found.plan);
    if (!seen) {
      this.#seen.set(found.plan, { progress: found });
      if (this.#seen.size > PLANS) this.#seen.delete(this.#seen.keys().next().value as number);
    } else if (seen.progress.state === 'step' && (found.state === 'halt' || found.n >= seen.progress.n)) {
      seen.progress = found;
    }
  }

  /** What a key gets where the alias points to `stable`. */
  draw(stable: Pointed, key: string | undefined): Pointed {
    const rollout = this.#rollout;
    const seen = rollout ? this.#seen.get(rollout.plan) : undefined;
    const share = rollout && seen ? this.#share(rollout, seen) : 0;
    // Settled: the pointer may arrive before the rollout's end.
    if (!rollout || !seen || share === 0 || rollout.to === stable.versionArn) return stable;
    const { to, salt, plan } = rollout;
    const isSticky = (rollout.key ?? 'session') === 'session';
    const drawn = key && isSticky ? drawKey(salt, key) : undefined;
    const arm = (drawn?.place ?? this.#clock.random()) < share / 100 ? to : `${stable.versionArn}`;
    const versionArn = seen.isRefused ? stable.versionArn : arm;
    return { ...stable, versionArn, drawn: { plan, share, key: drawn?.hash, arm, stable, firsts: this.#firsts } };
  }

  /** Whether this is the plan and has such a score, and the version is its candidate or what the alias points to. */
  isScored(plan: number, version: number, stable: string, name: string): boolean {
    const rollout = this.#rollout;
    if (rollout?.plan !== plan || !(rollout.scores?.includes(name) ?? true)) return false;
    return [rollout.to, stable].some((arn) => versionOfArn(arn) === version);
  }

  /** Bedrock refused a version. If it is the candidate, nobody gets it in this process before another plan. */
  refuse(versionArn: string): boolean {
    const seen = this.#rollout?.to === versionArn && this.#seen.get(this.#rollout.plan);
    if (seen) seen.isRefused = true;
    return Boolean(seen);
  }

  #share(rollout: RolloutValue, seen: Seen): number {
    const { progress } = seen;
    const now = this.#clock.wall();
    const at = Date.parse(progress.at);
    if (now >= at) seen.inEffect = progress.n;
    return shareAt(rollout, progress, seen.inEffect === progress.n ? Math.max(now, at) : now);
  }
}
