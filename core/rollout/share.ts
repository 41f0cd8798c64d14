import { createHash } from 'node:crypto';
import type { RolloutProgress, RolloutValue } from '../contract/rollout-parameters';

/**
 * The percentage of keys that get the candidate: one of the plan's steps, or 0. Progress that was made in another plan,
 * a halt, and a time outside of `at` ≤ now < `until` are 0, so that a late write, or a controller that is gone, leaves
 * everybody on stable.
 *
 * @param now milliseconds since 1970
 */
export function shareAt(rollout: RolloutValue | null, progress: RolloutProgress | null, now: number): number {
  if (!rollout || progress?.plan !== rollout.plan || progress.state !== 'step') return 0;
  if (now < Date.parse(progress.at) || now >= Date.parse(progress.until)) return 0;
  return rollout.steps[progress.step] ?? 0;
}

/** Where a key stands: 0 to 1, without 1, evenly and for each salt anew. In any language: `sha256(salt + "\n" + key)`. */
export function placeOf(salt: string, key: string): number {
  return createHash('sha256').update(`${salt}\n${key}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** Whether a key gets the candidate. Whoever does at a percentage does at every higher one. */
export function isCandidate(salt: string, key: string, percent: number): boolean {
  return placeOf(salt, key) < percent / 100;
}
