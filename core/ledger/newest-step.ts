import type { LedgerSource } from './entries';
import { parseStepKey, type StepAddress, stepsPrefix } from './layout';
import { recordDigest } from './record';
import { parseStep, type RolloutStep } from './rollout-step';

/** The end of a rollout's chain of steps. */
export interface NewestStep {
  readonly n: number;
  /** Digest of its body. */
  readonly head: string;
  readonly body: string;
}

/** Among so many keys there is one of a step, if there is any. */
const KEYS_AT_ONCE = 10;

/** Undefined before the first step. */
export async function newestStep(
  source: LedgerSource,
  rollout: Omit<StepAddress, 'n'>,
): Promise<NewestStep | undefined> {
  for (const key of await source.list(stepsPrefix(rollout), KEYS_AT_ONCE)) {
    const n = parseStepKey(key)?.n;
    const body = n === undefined ? undefined : await source.read(key);
    if (n !== undefined && body !== undefined) return { n, head: recordDigest(body), body };
  }
  return undefined;
}

/**
 * The halt at which a rollout ended; undefined where it was not halted.
 *
 * @throws RegistryError `BadLedgerRecord`
 */
export async function haltOf(source: LedgerSource, rollout: Omit<StepAddress, 'n'>): Promise<RolloutStep | undefined> {
  const newest = await newestStep(source, rollout);
  const step = newest && parseStep(newest.body);
  return step?.kind === 'halt' ? step : undefined;
}
