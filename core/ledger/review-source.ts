import { groupPrefix, parseReviewKey, promptPrefix, type ReviewAddress, reviewsPrefix, signerPrefix } from './layout';
import { isStatement, REVIEW_BYTES, type SignedReview, signedReview } from './review';

/** An object of the bucket, as a list shows it. */
export interface StoredObject {
  readonly key: string;
  /** `LastModified`. */
  readonly time: Date;
  readonly size: number;
}

/** The bucket, as far as reading reviews needs it. */
export interface ReviewSource {
  /** The next path segment of every key under the prefix. */
  folders(prefix: string): Promise<string[]>;
  /** Objects under the prefix in UTF-8 order, at most `limit`, from the one behind `after` on. */
  listObjects(prefix: string, limit: number, after?: string): Promise<StoredObject[]>;
  read(key: string): Promise<string | undefined>;
}

/** A content of an alias. */
export type ReviewedContent = Pick<ReviewAddress, 'promptId' | 'alias' | 'digest'>;

/** Newest reviews of a signer that are read in search of what the signer says, and of runs. */
export const MOST_OF_A_SIGNER = 100;
const KEYS_AT_ONCE = 10;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const KEYS_OF_A_PAGE = 1_000;
/** As many requests as the SDK has under way: https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-maxsockets.html */
const SIGNERS_AT_ONCE = 50;
/** Reviews of a signer that are read at the same time, where all runs are wanted. */
const RUNS_AT_ONCE = 25;

/**
 * What the members of the groups say of a content as of now, for `judge()`: of each signer the newest that counts, and what is
 * newer; of those who run suites the newest hundred. Each signer has a folder, so that nobody can hide what others said behind reviews without end; where somebody's own
 * are without end, the last that was read says so.
 *
 * @param registry parameter prefix
 */
export async function currentReviews(
  source: ReviewSource,
  content: ReviewedContent,
  { groups, runners }: WantedReviews,
  registry: string,
): Promise<SignedReview[]> {
  const signers = await Promise.all(
    [...new Set(groups)].map(async (group) => {
      const reader = runners.includes(group) ? allOfSigner : ofSigner;
      return (await signersOf(source, { ...content, group })).map((newestFirst) => ({ reader, newestFirst }));
    }),
  );
  return inTurns(signers.flat(), ({ reader, newestFirst }) => reader(source, newestFirst, registry));
}

/** Whose reviews are read. */
export interface WantedReviews {
  readonly groups: readonly string[];
  /** Those of the groups whose members run suites. */
  readonly runners: readonly string[];
}

type NewestFirst = AsyncIterable<StoredObject> | Iterable<StoredObject>;

/** The objects of each signer in a group: by one list of them all where they are few enough to be on its first page. */
async function signersOf(
  source: ReviewSource,
  group: Omit<ReviewAddress, 'signer' | 'number'>,
): Promise<NewestFirst[]> {
  const prefix = groupPrefix(group);
  const objects = await source.listObjects(prefix, KEYS_OF_A_PAGE);
  if (objects.length === KEYS_OF_A_PAGE) {
    const signers = (await source.folders(prefix)).map((signer) => ({ ...group, signer }));
    return signers.filter(isSigner).map((address) => pagesOf(source, signerPrefix(address)));
  }
  const bySigner = new Map<string, StoredObject[]>();
  for (const object of objects) {
    const signer = parseReviewKey(object.key)?.signer;
    if (signer !== undefined) bySigner.set(signer, [...(bySigner.get(signer) ?? []), object]);
  }
  return [...bySigner.values()];
}

async function* pagesOf(source: ReviewSource, prefix: string): AsyncGenerator<StoredObject> {
  let page: StoredObject[] = [];
  do {
    page = await source.listObjects(prefix, KEYS_AT_ONCE, page.at(-1)?.key);
    yield* page;
  } while (page.length === KEYS_AT_ONCE);
}

/**
 * All that was said about a content for an alias (of comments: with the alias `~`), newest first: for people to read.
 *
 * @param most the newest so many of each signer; `hasOlder` says of whom there are more
 */
export async function reviewThread(
  source: ReviewSource,
  content: ReviewedContent,
  registry: string,
  most = MOST_OF_A_SIGNER,
): Promise<SignedReview[]> {
  const groups = await source.folders(reviewsPrefix(content));
  const folders = await Promise.all(
    groups.map(async (folder) => {
      const group = folder.slice(1);
      const signers = await source.folders(groupPrefix({ ...content, group }));
      return signers.map((signer) => ({ ...content, group, signer }));
    }),
  );
  const found = await inTurns(folders.flat().filter(isSigner), async (address) => {
    const objects = await source.listObjects(signerPrefix(address), most + 1);
    const reviews = await Promise.all(objects.slice(0, most).map((object) => read(source, object, registry)));
    const readable = reviews.flatMap((review) => review ?? []);
    return objects.length > most ? withOlder(readable) : readable;
  });
  return found.sort((a, b) => Date.parse(b.time) - Date.parse(a.time) || (a.key < b.key ? -1 : 1));
}

/** The last one says that there are more. */
function withOlder(newestFirst: SignedReview[]): SignedReview[] {
  return newestFirst.map((review, index) =>
    index === newestFirst.length - 1 ? { ...review, hasOlder: true } : review,
  );
}

/** Digests of the contents about which somebody said something for an alias. */
export async function reviewedDigests(source: ReviewSource, promptId: string, alias: string): Promise<string[]> {
  return source.folders(`${promptPrefix('reviews', promptId)}${alias}/`);
}

/**
 * The number for a signer's next review.
 *
 * @returns the newest + 1
 */
export async function nextReviewNumber(source: ReviewSource, address: Omit<ReviewAddress, 'number'>): Promise<number> {
  const [newest] = await source.listObjects(signerPrefix(address), 1);
  return ((newest && parseReviewKey(newest.key)?.number) ?? 0) + 1;
}

async function ofSigner(source: ReviewSource, newestFirst: NewestFirst, registry: string): Promise<SignedReview[]> {
  const found: SignedReview[] = [];
  for await (const object of newestFirst) {
    const last = found.at(-1);
    if (last && found.length === MOST_OF_A_SIGNER) return [...found.slice(0, -1), { ...last, hasOlder: true }];
    const review = await read(source, object, registry);
    if (review) found.push(review);
    if (review?.review && isStatement(review.review.kind)) break;
  }
  return found;
}

async function allOfSigner(source: ReviewSource, newestFirst: NewestFirst, registry: string): Promise<SignedReview[]> {
  const objects: StoredObject[] = [];
  for await (const object of newestFirst) {
    objects.push(object);
    if (objects.length > MOST_OF_A_SIGNER) break;
  }
  const newest = objects.slice(0, MOST_OF_A_SIGNER);
  const found = await inTurns(newest, async (object) => (await read(source, object, registry)) ?? [], RUNS_AT_ONCE);
  const last = found.at(-1);
  return last && objects.length > newest.length ? [...found.slice(0, -1), { ...last, hasOlder: true }] : found;
}

async function read(source: ReviewSource, { key, time, size }: StoredObject, registry: string) {
  if (parseReviewKey(key) === undefined) return undefined;
  const body = size > REVIEW_BYTES ? undefined : await source.read(key);
  return signedReview({ key, body, time }, registry);
}

/** A folder of any other name holds no review: the keys in it are none. */
function isSigner(address: Omit<ReviewAddress, 'number'>): boolean {
  return parseReviewKey(`${signerPrefix(address)}99999998.json`) !== undefined;
}

async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R | R[]>,
  atOnce = SIGNERS_AT_ONCE,
): Promise<R[]> {
  const found: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    found.push(...((await Promise.all(items.slice(start, start + atOnce).map(work))).flat() as R[]));
  }
  return found;
}
