import { type ReviewAddress, reviewKey } from '../../core/ledger/layout';
import { nextReviewNumber, type ReviewSource } from '../../core/ledger/review-source';
import { RegistryError } from '../../core/registry-error';
import type { ObjectStore } from '../object-store';
import { jobPrefix } from './evaluation-job';
import type { JobStore } from './job-store';

/** The ledger's bucket, as far as a signer needs it. */
export type ReviewStore = ReviewSource & Pick<ObjectStore, 'read' | 'putIfAbsent'>;

/** Jobs of one signer about one content that may be signed at the same time. */
const TRIES = 10;

/**
 * Signs a job's review once, whoever is at it and however often one of them is ended: the key is settled before anything is
 * written there, and a key that holds this very review is this job's.
 *
 * @returns the review's key
 */
export async function signOnce(
  jobId: string,
  address: Omit<ReviewAddress, 'number'>,
  body: string,
  jobs: JobStore,
  ledger: ReviewStore,
): Promise<string> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const number = await nextReviewNumber(ledger, address);
    const wanted = reviewKey({ ...address, number });
    const key = await jobs.settle(`${jobPrefix(jobId)}review-${attempt}.json`, wanted);
    if ((await ledger.putIfAbsent(key, body)) === 'written' || (await ledger.read(key)) === body) return key;
  }
  throw new RegistryError(
    'InvalidReview',
    `expected to sign within ${TRIES} tries, found each number taken by another review of the same signer: run it again`,
  );
}
