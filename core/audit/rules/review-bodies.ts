import { checkEvaluation } from '../../ledger/evaluation-counts';
import { signerPrefix } from '../../ledger/layout';
import { parseReview, type Review } from '../../ledger/review';
import { RegistryError } from '../../registry-error';
import { addToGroup } from '../add-to-group';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { readVersion, type SurveyedReview } from '../ledger-survey';

type Problem = 'BadReview' | 'ReviewElsewhere' | 'ReviewOutOfOrder' | 'ReviewGap';

/** Each review says what its key says, and a signer's reviews were written one after the other. */
export const reviewBodies: AuditRule<AuditedRegistry, Problem> = {
  name: 'review-bodies',
  reads: 'the key and the body of each review, and when S3 stored it',
  finds: {
    BadReview: 'an object in the folder of the reviews is no review: it counts for nothing',
    ReviewElsewhere: 'a review is about something else than its key says: it counts for nothing',
    ReviewOutOfOrder: 'a review is older in S3 than the one of the same signer that it follows',
    ReviewGap: 'reviews of a signer are missing before another one of the same signer',
  },
  run({ survey }, report) {
    const registries = new Set(survey.chains.flatMap(({ records }) => records.map(({ registry }) => registry)));
    const signers = new Map<string, SurveyedReview[]>();
    for (const review of survey.reviews) {
      body(review, registries, report);
      addToGroup(signers, signerPrefix(review.address), review);
    }
    for (const reviews of signers.values()) order(reviews, report);
  },
};

function body(
  { address, object: { key, body: text } }: SurveyedReview,
  registries: ReadonlySet<string>,
  report: Report<Problem>,
): void {
  if (text === undefined) return;
  let review: Review;
  try {
    review = parseReview(text);
    if (review.kind === 'evaluate') checkEvaluation(review);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    report('BadReview', key, `counts for nothing: ${error.message}`);
    return;
  }
  const others = (['promptId', 'alias', 'digest', 'group'] as const).filter((name) => review[name] !== address[name]);
  const told = others.map((name) => `${name} ${review[name]}`);
  if (registries.size > 0 && !registries.has(review.registry)) told.push(`registry ${review.registry}`);
  if (told.length > 0) report('ReviewElsewhere', key, `counts for nothing: it says that it is of ${told.join(', ')}`);
}

function order(reviews: readonly SurveyedReview[], report: Report<Problem>): void {
  let before: { readonly number: number; readonly time: string } | undefined;
  for (const { address, object } of [...reviews].sort((a, b) => a.address.number - b.address.number)) {
    const { number } = address;
    const time = readVersion(object)?.time ?? '';
    const missing = number - (before?.number ?? 0) - 1;
    if (missing > 0) {
      report('ReviewGap', object.key, `is number ${number} of its signer: ${missing} before it are not there`);
    }
    if (before && time !== '' && time < before.time) {
      report(
        'ReviewOutOfOrder',
        object.key,
        `is older in S3 (${time}) than number ${before.number} (${before.time}), which it follows: that one was put behind it`,
      );
    }
    before = { number, time: time || (before?.time ?? '') };
  }
}
