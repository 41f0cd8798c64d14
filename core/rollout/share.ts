import { createHash } from 'node:crypto';
import type { RolloutProgress, RolloutValue } from '../contract/rollout-parameters';

/**
 * The percentage of keys that get the candidate: one of the plan's steps, or 0. Progress that was made in another plan, a
 * halt, and a time from `until` on are 0, so that a late write, or a controller that is gone, leaves everybody on stable.
 *
 * Before `at` it is the step before: those who read early, or for the first time, serve what all others do until then.
 *
 * @param now milliseconds since 1970
 */
export function shareAt(rollout: RolloutValue | null, progress: RolloutProgress | null, now: number): number {
  if (!rollout || progress?.plan !== rollout.plan || progress.state !== 'step' || now >= Date.parse(progress.until))
    return 0;
  const { steps } = rollout;
  const isAhead = now < Date.parse(progress.at);
  return progress.step < steps.length ? (steps[progress.step - Number(isAhead)] ?? 0) : 0;
}

/** A key as a salt draws it. */
export interface DrawnKey {
  /** Where it stands: 0 to 1, without 1, evenly and for each salt anew. */
  readonly place: number;
  /** Stands for the key in logs. Who guesses a key can tell that it is one: a pseudonym, not anonymous. */
  readonly hash: string;
}

/** In any language: the first 32 bits of `sha256(salt + "\n" + key)` are the place, the next 64 the hash. */
export function drawKey(salt: string, key: string): DrawnKey {
  const digest = createHash('sha256').update(`${salt}\n${key}`).digest();
  return { place: digest.readUInt32BE(0) / 2 ** 32, hash: digest.toString('hex', 4, 12) };
}

/** Where a key stands. */
export function placeOf(salt: string, key: string): number {
  return drawKey(salt, key).place;
}

/** Whether a key gets the candidate. Whoever does at a percentage does at every higher one. */
export function isCandidate(salt: string, key: string, percent: number): boolean {
  return placeOf(salt, key) < percent / 100;
}
