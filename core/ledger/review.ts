import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';
import { isDigest } from '../contract/digest-text';
import { RegistryError } from '../registry-error';
import { visibleLine } from '../text/visible-text';
import { checkEvaluation, type EvaluationCounts } from './evaluation-counts';
import { type Check, checkFields, digestOrNull, text, time, version } from './field-checks';
import { NO_ALIAS, parseReviewKey, type ReviewAddress } from './layout';

/** What somebody says about a content: it should be released, may be, must not be; how it measured; anything else. */
export const REVIEW_KINDS = ['request', 'approve', 'reject', 'evaluate', 'comment'] as const;

export type ReviewKind = (typeof REVIEW_KINDS)[number];

/**
 * The body of a review. Who says it and when is not in it: IAM proves the signer in the key, S3 the time.
 *
 * To write one: make the key with `reviewKey()` of `layout.ts`, the signer being the `UserId` that STS's `GetCallerIdentity`
 * answers and the number one more than the signer's newest; put `serializeReview()` there with `If-None-Match: *`, from the
 * signer's own session. Nothing else can write it: a session may write under its own name only, and only into groups
 * that its role is a member of. Where S3 answers 412, the same signer wrote at the same time: take the next number.
 *
 * To read: `currentReviews()` of `review-source.ts` for what counts now, `reviewThread()` for all that was said. To judge:
 * `gatesInForce()`, `isBack()`, `lastLeft()`, then `judge()`, all in `core/release`.
 */
export interface Review {
  readonly schema: 1;
  readonly kind: ReviewKind;
  readonly group: string;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  readonly promptId: string;
  readonly prompt: string;
  /** {@link NO_ALIAS} for a comment. */
  readonly alias: string;
  /** Content digest, `pd1:…`. */
  readonly digest: string;
  /** Number of the version that had this content when it was written; null where none had. */
  readonly version: number | null;
  /** Digest of what the alias pointed at when it was written; null for nothing. */
  readonly live: string | null;
  readonly comment: string | null;
  /** The signer's clock, ISO 8601; nothing is judged by it. */
  readonly time: string;
}

/** A review that says how a suite came out. */
export type Evaluation = Review & EvaluationCounts;

/** Characters that a comment may have. */
export const COMMENT_LENGTH = 500;

/** Bytes that a review may have: an evaluation of many metrics with many failed cases has as many. */
export const REVIEW_BYTES = 65_536;

/**
 * A comment in one line of at most 500 characters, each of which can be seen: it stays for years next to what it is about.
 *
 * @throws RegistryError `InvalidReview`
 */
export function checkComment(comment: string): void {
  const refuse = (found: string, fix: string) => {
    throw new RegistryError(
      'InvalidReview',
      `expected a comment of 1 to ${COMMENT_LENGTH} visible characters in one line, found ${found}: ${fix}`,
    );
  };
  if (comment.trim() === '') refuse('none', 'say something, or leave it out');
  const { length } = [...comment];
  if (length > COMMENT_LENGTH) refuse(`${length}`, 'shorten it, or name a ticket that says more');
  const unseen = [...comment].find((character) => visibleLine(character) !== character)?.codePointAt(0);
  if (unseen !== undefined) {
    const name = `U+${unseen.toString(16).toUpperCase().padStart(4, '0')}`;
    refuse(`a line break, a control character or an invisible one, ${name}`, 'remove it');
  }
}

/**
 * The review as the body of its S3 object: canonical JSON (RFC 8785) and a newline.
 *
 * @throws RegistryError `InvalidReview` for one that no reader would take
 */
export function serializeReview(review: Review): string {
  if (review.comment !== null) checkComment(review.comment);
  const body = `${canonicalJson(review)}\n`;
  parseReview(body);
  return body;
}

/**
 * Reads a review's body. Fields that are not known are ignored: evaluations have more, which {@link evaluationIn} reads.
 *
 * @throws RegistryError `InvalidReview`
 */
export function parseReview(body: string): Review {
  if (Buffer.byteLength(body) > REVIEW_BYTES) {
    throw invalid(`at most ${REVIEW_BYTES} bytes`, `${Buffer.byteLength(body)}`);
  }
  try {
    const found: unknown = JSON.parse(body);
    checkFields(found, REVIEW_FIELDS, 'a review', 'ignored');
    const review = found as Review;
    if (review.comment !== null) checkComment(review.comment);
    if ((review.kind === 'comment') !== (review.alias === NO_ALIAS)) {
      throw invalid(`the alias ${NO_ALIAS} for comments and for them alone`, `${review.alias} for a ${review.kind}`);
    }
    return review;
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('JSON', 'something else');
    if (error instanceof RegistryError && error.code !== 'InvalidReview') {
      throw invalid('whole', error.message);
    }
    throw error;
  }
}

/** How a suite came out; undefined for a review of another kind, and for counts that no run can have. */
export function evaluationIn(review: Review | undefined): Evaluation | undefined {
  if (review?.kind !== 'evaluate') return undefined;
  try {
    checkEvaluation(review);
    return review as Evaluation;
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

function invalid(expected: string, found: string): RegistryError {
  return new RegistryError(
    'InvalidReview',
    `expected a review to be ${expected}, found ${found}: its signer has to write it again`,
  );
}

const REVIEW_FIELDS: Record<keyof Review, Check> = {
  schema: (value) => value === 1,
  kind: (value) => REVIEW_KINDS.some((kind) => kind === value),
  group: text,
  registry: text,
  promptId: text,
  prompt: text,
  alias: text,
  digest: isDigest,
  version: (value, path) => value === null || version(value, path),
  live: digestOrNull,
  comment: (value) => value === null || typeof value === 'string',
  time,
};

/** A review as it lies in the bucket: what the key proves, when S3 took it, and what it says. */
export interface SignedReview {
  readonly key: string;
  readonly address: ReviewAddress;
  /** `LastModified`, ISO 8601. */
  readonly time: string;
  /** Of the body, in hex; null where it was too large to be read. */
  readonly sha256: string | null;
  /** Undefined for one that counts for nothing. */
  readonly review?: Review;
  /** Why it counts for nothing. */
  readonly problem?: string;
  /** Set on the last of a signer that was read, where a hundred were and there are older ones. */
  readonly hasOlder?: true;
}

export interface ReviewObject {
  readonly key: string;
  /** Undefined where it is larger than {@link REVIEW_BYTES}. */
  readonly body: string | undefined;
  /** `LastModified`. */
  readonly time: Date;
}

/**
 * What an object under `reviews/` counts for; undefined for a key that no review has.
 *
 * The key decides: a body that says otherwise, or is of another registry, counts for nothing.
 *
 * @param registry parameter prefix
 */
export function signedReview({ key, body, time: written }: ReviewObject, registry: string): SignedReview | undefined {
  const address = parseReviewKey(key);
  if (address === undefined) return undefined;
  const sha256 = body === undefined ? null : createHash('sha256').update(body).digest('hex');
  const signed = { key, address, time: written.toISOString(), sha256 };
  try {
    if (body === undefined) throw invalid(`at most ${REVIEW_BYTES} bytes`, 'more');
    const review = parseReview(body);
    const expected = { ...address, registry };
    for (const name of ['registry', 'promptId', 'alias', 'digest', 'group'] as const) {
      if (review[name] !== expected[name]) throw invalid(`of ${name} ${expected[name]}`, review[name]);
    }
    return { ...signed, review };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { ...signed, problem: error.message };
  }
}

/**
 * The person behind a signature: the session's name in lower case, so that two roles of one human are one person.
 *
 * @param signer `AROA…:name`
 */
export function personOf(signer: string): string {
  return signer.slice(signer.indexOf(':') + 1).toLowerCase();
}

/** What a signer says as of now: a signer's newest review takes the place of those before it. */
export interface StandingReview {
  readonly signed: SignedReview;
  /** Whether nothing newer of this signer is there. What cannot be read takes back consent and lifts no rejection. */
  readonly isNewest: boolean;
}

/**
 * What each signer of a group says as of now: the newest review that counts, evaluations and comments aside.
 *
 * @param reviews of any groups, in any order
 */
export function standingReviews(reviews: readonly SignedReview[], group: string): StandingReview[] {
  const signers = new Map<string, StandingReview | 'unread'>();
  for (const signed of newestFirst(reviews, group)) {
    const { signer } = signed.address;
    const before = signers.get(signer);
    if (before !== undefined && before !== 'unread') continue;
    if (signed.review === undefined) signers.set(signer, 'unread');
    else if (isStatement(signed.review.kind)) signers.set(signer, { signed, isNewest: before === undefined });
  }
  return [...signers.values()].filter((standing) => standing !== 'unread');
}

/** Of each signer of a group the newest review, where it cannot be read and nothing newer takes its place: it may say anything. */
export function unreadReviews(reviews: readonly SignedReview[], group: string): SignedReview[] {
  const heard = new Set<string>();
  return newestFirst(reviews, group).filter(({ address: { signer }, review }) => {
    const isOpen = !heard.has(signer);
    if (review === undefined || isStatement(review.kind)) heard.add(signer);
    return isOpen && review === undefined;
  });
}

function newestFirst(reviews: readonly SignedReview[], group: string): SignedReview[] {
  return reviews.filter(({ address }) => address.group === group).sort((a, b) => b.address.number - a.address.number);
}

/** Whether a review says what its signer wants, and takes the place of what the signer said before. */
export function isStatement(kind: ReviewKind): boolean {
  return kind === 'request' || kind === 'approve' || kind === 'reject';
}
