import { RegistryError } from '../registry-error';
import { parseStepKey, type StepAddress, stepsPrefix } from './layout';
import { recordDigest } from './record';
import type { ReviewSource } from './review-source';
import { parseStep, type RolloutStep, STEP_BYTES } from './rollout-step';

/** The end of a rollout's chain of steps. */
export interface NewestStep {
  readonly n: number;
  /** Digest of its body. */
  readonly head: string;
  readonly body: string;
}

/** Among so many keys there is one of a step, if there is any. */
const KEYS_AT_ONCE = 10;

/** The bucket, as far as reading the end of a chain of steps needs it. */
export type StepSource = Pick<ReviewSource, 'listObjects' | 'read'>;

/**
 * Undefined before the first step. An object that is larger than any step is not read: a release reads it, also one on its
 * way back, and its function would run out of memory.
 *
 * @throws RegistryError `BadLedgerRecord`
 */
export async function newestStep(source: StepSource, rollout: Omit<StepAddress, 'n'>): Promise<NewestStep | undefined> {
  for (const { key, size } of await source.listObjects(stepsPrefix(rollout), KEYS_AT_ONCE)) {
    const n = parseStepKey(key)?.n;
    if (n === undefined) continue;
    if (size > STEP_BYTES) throw tooLarge(key, size);
    const body = await source.read(key);
    if (body !== undefined) return { n, head: recordDigest(body), body };
  }
  return undefined;
}

function tooLarge(key: string, size: number): RegistryError {
  return new RegistryError(
    'BadLedgerRecord',
    `expected a step of at most ${STEP_BYTES} bytes at ${key}, found one of ${size}`,
  );
}

/**
 * The halt at which a rollout ended; undefined where it was not halted.
 *
 * @throws RegistryError `BadLedgerRecord`
 */
export async function haltOf(source: StepSource, rollout: Omit<StepAddress, 'n'>): Promise<RolloutStep | undefined> {
  const newest = await newestStep(source, rollout);
  const step = newest && parseStep(newest.body);
  return step?.kind === 'halt' ? step : undefined;
}
