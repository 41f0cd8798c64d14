import type { SignedReview } from '../core/ledger/review';
import {
  currentReviews,
  type ReviewedContent,
  type ReviewSource,
  type WantedReviews,
} from '../core/ledger/review-source';
import { RegistryError } from '../core/registry-error';
import { errorCode } from './error-code';

/**
 * Reviews as the way forward needs them, which only they can let through. Nobody asks for them on the way back.
 *
 * @throws RegistryError `ReviewsUnreadable` where S3 does not answer with them
 */
export async function readReviews(
  source: ReviewSource,
  content: ReviewedContent,
  wanted: WantedReviews,
  registry: string,
): Promise<SignedReview[]> {
  try {
    return await currentReviews(source, content, wanted, registry);
  } catch (cause) {
    throw new RegistryError(
      'ReviewsUnreadable',
      `expected to read the reviews of ${content.digest} for ${content.alias} as ${wanted.groups.join(', ')}, found ${errorCode(cause)}: ${cause instanceof Error ? cause.message : String(cause)}; nothing was moved; deploy again when S3 answers and the releaser may read reviews/; going back needs no reviews`,
      { cause },
    );
  }
}
