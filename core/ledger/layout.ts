import { createHash } from 'node:crypto';
import { DIGEST_PATTERN } from '../contract/digest-text';
import { ALIAS_NAME_PATTERN, GROUP_PATTERN, SESSION_NAME_PATTERN } from '../contract/names';
import { isTag, TAG_PATTERN } from '../contract/tag';
import { PROMPT_ID_PATTERN, VERSION_PATTERN } from '../contract/version-arn';
import { RegistryError } from '../registry-error';
import { invertedKey, numberOfInvertedKey } from './inverted-key';

/** The folders of the ledger bucket; nothing is written outside them. */
export const FOLDERS = {
  ledger: 'ledger/',
  versions: 'versions/',
  reasons: 'reasons/',
  reviews: 'reviews/',
  rollouts: 'rollouts/',
  tags: 'tags/',
} as const;

export type Folder = keyof typeof FOLDERS;

const SEQUENCE_DIGITS = 8;
const HIGHEST = 10 ** SEQUENCE_DIGITS - 1;
const MILLISECOND_DIGITS = 13;

/** Stands where a review's key has the alias, for a comment on a content whatever points at it: `~` is in no alias's name. */
export const NO_ALIAS = '~';

/**
 * `A…:name` is the `aws:userid` of a role's session, which the bucket's policy compares with; of a user it has no colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
const SIGNER_PATTERN = `A[A-Z0-9]{15,30}:${SESSION_NAME_PATTERN}`;

const REVIEW_PATTERN = [
  FOLDERS.reviews.slice(0, -1),
  `(${PROMPT_ID_PATTERN})`,
  `(${ALIAS_NAME_PATTERN}|${NO_ALIAS})`,
  `(${DIGEST_PATTERN})`,
  `@(${GROUP_PATTERN})`,
  `(${SIGNER_PATTERN})`,
  `([0-9]{${SEQUENCE_DIGITS}})\\.json`,
].join('/');

/** What the registry writes there, by the grammar of its keys. */
const KEYS = {
  record: new RegExp(`^${FOLDERS.ledger}([^/]+)/([^/]+)/([0-9]{${SEQUENCE_DIGITS}})\\.json$`),
  archive: new RegExp(`^${FOLDERS.versions}([^/]+)/(${VERSION_PATTERN})-(${DIGEST_PATTERN})\\.json$`),
  claim: new RegExp(`^${FOLDERS.versions}([^/]+)/claims/(${DIGEST_PATTERN})-after-([0-9]{1,5})\\.json$`),
  reason: new RegExp(`^${FOLDERS.reasons}[0-9a-f]{64}/([0-9]{${MILLISECOND_DIGITS}})\\.json$`),
  review: new RegExp(`^${REVIEW_PATTERN}$`),
  step: new RegExp(
    `^${FOLDERS.rollouts}(${PROMPT_ID_PATTERN})/(${ALIAS_NAME_PATTERN})/([1-9][0-9]{0,7})/([0-9]{${SEQUENCE_DIGITS}})\\.json$`,
  ),
  tag: new RegExp(`^${FOLDERS.tags}(${PROMPT_ID_PATTERN})/(${TAG_PATTERN})/([0-9]{${SEQUENCE_DIGITS}})\\.json$`),
} as const;

/** What a key of the bucket is for; null for one that no part of the registry writes. */
export type KeyKind = keyof typeof KEYS | null;

export function keyKind(key: string): KeyKind {
  const found = Object.entries(KEYS).find(([, pattern]) => pattern.test(key));
  const kind = found ? (found[0] as keyof typeof KEYS) : null;
  // Numbers begin at 1: under number 0 no reader looks.
  const isUnread =
    (kind === 'review' && parseReviewKey(key) === undefined) ||
    (kind === 'step' && parseStepKey(key) === undefined) ||
    (kind === 'tag' && parseTagKey(key) === undefined);
  return isUnread ? null : kind;
}

/** Everything under it is of one prompt: `ledger/ABCDEFGHIJ/`, `versions/ABCDEFGHIJ/`. */
export function promptPrefix(folder: Exclude<Folder, 'reasons'>, promptId: string): string {
  return `${FOLDERS[folder]}${promptId}/`;
}

/** Everything under it is the ledger of one alias: `ledger/ABCDEFGHIJ/PROD/`. */
export function ledgerPrefix(promptId: string, alias: string): string {
  return `${promptPrefix('ledger', promptId)}${alias}/`;
}

/**
 * Key of an alias's record: `ledger/ABCDEFGHIJ/PROD/99999998.json` is the first.
 *
 * @param sequence from 1 to 99999998
 * @throws RegistryError `BadLedgerKey`
 */
export function ledgerKey(promptId: string, alias: string, sequence: number): string {
  if (!Number.isInteger(sequence) || sequence < 1 || sequence >= HIGHEST) {
    throw new RegistryError('BadLedgerKey', `a sequence number must be from 1 to ${HIGHEST - 1}, found ${sequence}`);
  }
  return `${ledgerPrefix(promptId, alias)}${invertedKey(sequence, SEQUENCE_DIGITS)}.json`;
}

/**
 * The sequence number that a key of the ledger stands for.
 *
 * @throws RegistryError `BadLedgerKey`
 */
export function sequenceOfKey(key: string): number {
  const digits = KEYS.record.exec(key)?.[3];
  const sequence = digits === undefined ? 0 : numberOfInvertedKey(digits);
  if (sequence < 1) {
    throw new RegistryError('BadLedgerKey', `expected a key like ledger/PROMPTID/ALIAS/99999998.json, found ${key}`);
  }
  return sequence;
}

/** Key of a version's archived content: `versions/ABCDEFGHIJ/3-pd1:….json`. */
export function archiveKey(promptId: string, version: number, digest: string): string {
  return `${promptPrefix('versions', promptId)}${version}-${digest}.json`;
}

/** Its archived content's key begins so, whatever the digest. */
export function archivePrefix(promptId: string, version: number): string {
  return `${promptPrefix('versions', promptId)}${version}-`;
}

/** The inverse of {@link archiveKey}; undefined for an object that this registry did not put there. */
export function parseArchiveKey(key: string): { promptId: string; version: number; digest: string } | undefined {
  const match = KEYS.archive.exec(key);
  if (!match) return undefined;
  const [, promptId = '', version, digest = ''] = match;
  return { promptId, version: Number(version), digest };
}

/** Keys of all claims on a content begin so. */
export function claimPrefix(promptId: string, digest: string): string {
  return `${promptPrefix('versions', promptId)}claims/${digest}-after-`;
}

/** Key of the claim on the version behind number `after`: `versions/ABCDEFGHIJ/claims/pd1:…-after-3.json`. */
export function claimKey(promptId: string, digest: string, after: number): string {
  return `${claimPrefix(promptId, digest)}${after}.json`;
}

/** The inverse of {@link claimKey}. */
export function parseClaimKey(key: string): { promptId: string; digest: string; after: number } | undefined {
  const match = KEYS.claim.exec(key);
  if (!match) return undefined;
  const [, promptId = '', digest = '', after] = match;
  return { promptId, digest, after: Number(after) };
}

/** Everything under it was said about one stack: stack ids hold slashes and colons, so it is a hash. */
export function reasonPrefix(stackId: string): string {
  return `${FOLDERS.reasons}${createHash('sha256').update(stackId).digest('hex')}/`;
}

/** Key of what was said about a stack at that time. */
export function reasonKey(stackId: string, milliseconds: number): string {
  return `${reasonPrefix(stackId)}${invertedKey(milliseconds, MILLISECOND_DIGITS)}.json`;
}

/** Milliseconds since the epoch that a key stands for; undefined for an object that is no reason. */
export function timeOfReasonKey(key: string): number | undefined {
  const digits = KEYS.reason.exec(key)?.[1];
  return digits === undefined ? undefined : numberOfInvertedKey(digits);
}

/** What the key of a review says: IAM proves `group` and `signer`, so the key decides and not the body. */
export interface ReviewAddress {
  readonly promptId: string;
  /** {@link NO_ALIAS} for a comment. */
  readonly alias: string;
  /** Content digest, `pd1:…`. */
  readonly digest: string;
  readonly group: string;
  /** `aws:userid` of who wrote it: `AROAABCDEFGHIJKLMNOPQ:alice@bank.example`. */
  readonly signer: string;
  /** From 1 for each signer; the highest is the newest. */
  readonly number: number;
}

/** Everything under it was said about one content for one alias: a folder for each group. */
export function reviewsPrefix({
  promptId,
  alias,
  digest,
}: Pick<ReviewAddress, 'promptId' | 'alias' | 'digest'>): string {
  return `${promptPrefix('reviews', promptId)}${alias}/${digest}/`;
}

/** A folder for each signer who is a member of the group. */
export function groupPrefix(address: Omit<ReviewAddress, 'signer' | 'number'>): string {
  return `${reviewsPrefix(address)}@${address.group}/`;
}

/**
 * Whatever is signed as a member of a group, as IAM matches keys: `@` begins no alias, id or digest, so that the `*` before
 * it reaches into no other group's.
 */
export function groupKeys(group: string): string {
  return `${FOLDERS.reviews}*/@${group}/*`;
}

const GROUP_KEYS = new RegExp(`\\*/@(${GROUP_PATTERN})/\\*`, 'g');

/** The groups that a policy names by their {@link groupKeys}. */
export function groupsOfPolicy(policy: string): string[] {
  return [...new Set([...policy.matchAll(GROUP_KEYS)].map(([, group = '']) => group))].sort();
}

/** What one signer said as a member of the group, newest first. */
export function signerPrefix(address: Omit<ReviewAddress, 'number'>): string {
  return `${groupPrefix(address)}${address.signer}/`;
}

/**
 * `reviews/ABCDEFGHIJ/PROD/pd1:…/@risk/AROA…:bob@bank.example/99999998.json` is the first of a signer.
 *
 * @throws RegistryError `InvalidReview` where a part of it is none
 */
export function reviewKey(address: ReviewAddress): string {
  const key = `${signerPrefix(address)}${invertedKey(address.number, SEQUENCE_DIGITS)}.json`;
  if (parseReviewKey(key) === undefined) {
    throw new RegistryError(
      'InvalidReview',
      `expected prompt id, alias, digest, group, session of a role and a number from 1 to ${HIGHEST} for the key of a review, found ${key}: reviews are signed by sessions of roles, such as those of Identity Center`,
    );
  }
  return key;
}

/** The inverse of {@link reviewKey}; undefined for every other key. IAM's `*` matches slashes, this matches none. */
export function parseReviewKey(key: string): ReviewAddress | undefined {
  const match = KEYS.review.exec(key);
  if (!match) return undefined;
  const [, promptId = '', alias = '', digest = '', group = '', signer = '', digits = ''] = match;
  const number = numberOfInvertedKey(digits);
  return number < 1 ? undefined : { promptId, alias, digest, group, signer, number };
}

/** What the key of a rollout's step says. */
export interface StepAddress {
  readonly promptId: string;
  readonly alias: string;
  /** Sequence number of the record that began the rollout. */
  readonly plan: number;
  /** From 1 in each plan, without gaps. */
  readonly n: number;
}

/** Everything under it are the steps of one rollout: `rollouts/ABCDEFGHIJ/PROD/3/`. */
export function stepsPrefix({ promptId, alias, plan }: Omit<StepAddress, 'n'>): string {
  return `${promptPrefix('rollouts', promptId)}${alias}/${plan}/`;
}

/**
 * `rollouts/ABCDEFGHIJ/PROD/3/99999998.json` is the first step of the rollout that record 3 began.
 *
 * @throws RegistryError `BadLedgerKey`
 */
export function stepKey(address: StepAddress): string {
  const key = `${stepsPrefix(address)}${invertedKey(address.n, SEQUENCE_DIGITS)}.json`;
  if (parseStepKey(key) === undefined) {
    throw new RegistryError('BadLedgerKey', `expected a key like ${STEP_KEY_SAMPLE}, found ${key}`);
  }
  return key;
}

/** The inverse of {@link stepKey}; undefined for every other key. */
export function parseStepKey(key: string): StepAddress | undefined {
  const match = KEYS.step.exec(key);
  if (!match) return undefined;
  const [, promptId = '', alias = '', plan, digits = ''] = match;
  const n = numberOfInvertedKey(digits);
  return n < 1 ? undefined : { promptId, alias, plan: Number(plan), n };
}

/**
 * The number that a step's key stands for.
 *
 * @throws RegistryError `BadLedgerKey`
 */
export function numberOfStepKey(key: string): number {
  const address = parseStepKey(key);
  if (address) return address.n;
  throw new RegistryError('BadLedgerKey', `expected a key like ${STEP_KEY_SAMPLE}, found ${key}`);
}

const STEP_KEY_SAMPLE = 'rollouts/PROMPTID/ALIAS/PLAN/99999998.json';

/** What the key of a tag's entry says. */
export interface TagAddress {
  readonly promptId: string;
  readonly tag: string;
  /** From 1 for each tag; the highest is the newest. */
  readonly number: number;
}

/** Everything under it says what one tag named, newest first: `tags/ABCDEFGHIJ/v1.0/`. */
export function tagPrefix(promptId: string, tag: string): string {
  return `${promptPrefix('tags', promptId)}${tag}/`;
}

/** `tags/ABCDEFGHIJ/v1.0/99999998.json` is the first of a tag. */
export function tagKey({ promptId, tag, number }: TagAddress): string {
  return `${tagPrefix(promptId, tag)}${invertedKey(number, SEQUENCE_DIGITS)}.json`;
}

/** The inverse of {@link tagKey}; undefined for every other key. */
export function parseTagKey(key: string): TagAddress | undefined {
  const [, promptId = '', tag = '', digits = ''] = KEYS.tag.exec(key) ?? [];
  const number = digits === '' ? 0 : numberOfInvertedKey(digits);
  return number >= 1 && isTag(tag) ? { promptId, tag, number } : undefined;
}
