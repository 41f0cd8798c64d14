import type { StepAddress } from '../core/ledger/layout';
import { haltOf, type StepSource } from '../core/ledger/newest-step';
import { RegistryError } from '../core/registry-error';
import { errorCode } from './error-code';

/**
 * When a rollout was halted, ISO 8601; undefined where it was not. Only the way forward asks: consent that a halt may have
 * ended lets nothing through while nobody can tell.
 *
 * @throws RegistryError `ReviewsUnreadable`
 */
export async function readHaltTime(source: StepSource, rollout: Omit<StepAddress, 'n'>): Promise<string | undefined> {
  try {
    return (await haltOf(source, rollout))?.time;
  } catch (cause) {
    throw new RegistryError(
      'ReviewsUnreadable',
      `expected to read whether rollout ${rollout.plan} of ${rollout.alias} was halted, after which only newer reviews count, found ${errorCode(cause)}: ${cause instanceof Error ? cause.message : String(cause)}; nothing was moved; deploy again when S3 answers and the releaser may read rollouts/, which it may in a registry with reviewers or rollouts: {}; going back needs no steps`,
      { cause },
    );
  }
}
