import type { SignedReview } from '../../ledger/review';

/** Each once, in the order of their keys. */
export function byKey(reviews: readonly SignedReview[]): SignedReview[] {
  const unique = new Map(reviews.map((review) => [review.key, review]));
  return [...unique.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
