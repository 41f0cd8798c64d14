import { PROMPT_NAME } from '../contract/names';
import { visibleLine } from '../text/visible-text';
import { NO_ALIAS } from './layout';
import { personOf, type ReviewKind, type ReviewObject, type SignedReview, signedReview } from './review';

/** An object that somebody wrote under `reviews/`, and what CloudTrail says of the call. */
export interface WrittenReview extends Omit<ReviewObject, 'body'> {
  /** Undefined where it is too large or could not be read. */
  readonly body: string | undefined;
  /** `principalId` of who wrote it. */
  readonly writer: string;
  /** Where to find the call: its event, account and Region. */
  readonly event: string;
}

const DEEDS: Readonly<Record<ReviewKind, string>> = {
  request: 'asks for a release of',
  approve: 'approved',
  reject: 'rejected',
  evaluate: 'evaluated',
  comment: 'commented on',
};

/**
 * What people read of a review: who, as which group, did what, of which content, and the command that shows the rest. Its
 * comment stays in the ledger, and nothing can be agreed to from here.
 *
 * Who signed is what the key says, which IAM holds to the session; what the signer may choose, such as the prompt's name, is
 * shown only where it is one.
 *
 * @param registry parameter prefix
 */
export function reviewMessage(written: WrittenReview, registry: string): string {
  const signed = signedReview(written, registry);
  const lines = signed
    ? [whatHappened(signed, registry), ...(isBySigner(signed, written) ? [] : [notBySigner(written)]), next(signed)]
    : [`Somebody put an object under reviews/ of the registry ${registry} that is no review.`];
  return [
    ...lines,
    `Written by ${visibleLine(written.writer)} at ${written.time.toISOString()}. ${visibleLine(written.event)}`,
    `Object: ${visibleLine(written.key)}`,
  ].join('\n');
}

function whatHappened({ address, review }: SignedReview, registry: string): string {
  const { alias, digest, group, signer, promptId } = address;
  const who = `${personOf(signer)}, as ${group},`;
  const prompt = nameOf(review?.prompt) ?? `the prompt ${promptId}`;
  const where = alias === NO_ALIAS ? '' : ` for ${alias}`;
  const short = `${digest.slice(0, 12)}…`;
  if (review === undefined)
    return `${who} wrote a review of ${prompt} (${short})${where} that counts for nothing: it cannot be read. Registry ${registry}.`;
  const version = review.version === null ? short : `version ${review.version} (${short})`;
  return `${who} ${DEEDS[review.kind]} ${prompt} ${version}${where}. Registry ${registry}, prompt ${promptId}.`;
}

function next({ address, review }: SignedReview): string {
  const { alias, digest } = address;
  const prompt = nameOf(review?.prompt) ?? 'PROMPT';
  const command =
    alias === NO_ALIAS
      ? `prompt-registry show ${prompt}${review?.version ? `:${review.version}` : ''}`
      : `prompt-registry review ${prompt} ${alias} --to ${digest}`;
  return `To see all of it: ${command}`;
}

function isBySigner({ address }: SignedReview, { writer }: WrittenReview): boolean {
  return address.signer === writer;
}

/** Nothing lets anybody do so but another policy of the bucket. */
function notBySigner({ writer }: WrittenReview): string {
  return `IT WAS NOT WRITTEN BY WHO IT NAMES, but by ${visibleLine(writer)}: somebody changed the policy of the ledger's bucket.`;
}

function nameOf(prompt: string | undefined): string | undefined {
  return prompt !== undefined && PROMPT_NAME.test(prompt) ? prompt : undefined;
}
