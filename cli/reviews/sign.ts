import { PutObjectCommand } from '@aws-sdk/client-s3';
import { isAccessError } from '../../core/contract/access-error';
import { reviewKey } from '../../core/ledger/layout';
import { type Review, serializeReview } from '../../core/ledger/review';
import { nextReviewNumber } from '../../core/ledger/review-source';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import { S3ReviewSource } from './s3-review-source';
import type { Signer } from './signer';

/** What is said, of which the registry and the signer's session say the rest. */
export type Statement = Omit<Review, 'schema' | 'group' | 'registry' | 'time'>;

/** Writes of one signer that may be under way at once. */
const TRIES = 10;

/**
 * Puts somebody's review into the ledger's bucket, as a member of each of the groups that IAM lets them sign for. Who is in
 * which group, the bucket's policy says: the command asks it by writing.
 *
 * @param most groups to sign for
 * @returns the groups in whose name it was signed
 * @throws CliError where there is none
 */
export async function sign(
  registry: Registry,
  statement: Statement,
  { userId, person, arn }: Signer,
  groups: readonly string[],
  time: Date,
  most = groups.length,
): Promise<string[]> {
  const signed: string[] = [];
  let refusal: unknown;
  for (const group of groups) {
    if (signed.length === most) break;
    const review = {
      schema: 1,
      ...statement,
      group,
      registry: registry.stack.parameterPrefix,
      time: time.toISOString(),
    } as const;
    try {
      await put(registry, review, userId);
      signed.push(group);
    } catch (error) {
      if (!isAccessError(error)) throw error;
      refusal = error;
    }
  }
  if (signed.length > 0) return signed;
  throw new CliError(
    {
      what: `${person} may not sign as ${groups.join(' or ') || 'anybody: the registry has no groups'}`,
      why: `${arn} is in no role of that group, or lacks the registry's reviewer policy${refusal ? `: ${(refusal as Error).message}` : ''}`,
      fix: 'sign in with a role that reviewers of the registry names for the group',
    },
    ExitCode.NotAllowed,
    { cause: refusal },
  );
}

async function put({ clients, stack }: Registry, review: Review, userId: string): Promise<void> {
  const source = new S3ReviewSource(clients.s3, stack.ledgerBucket);
  const { promptId, alias, digest, group } = review;
  const address = { promptId, alias, digest, group, signer: userId };
  const body = serializeReview(review);
  for (let attempt = 1; ; attempt++) {
    const key = reviewKey({ ...address, number: await nextReviewNumber(source, address) });
    const request = {
      Bucket: stack.ledgerBucket,
      Key: key,
      Body: body,
      ContentType: 'application/json',
      IfNoneMatch: '*',
    };
    try {
      await clients.s3.send(new PutObjectCommand(request));
      return;
    } catch (error) {
      // The same person signs at the same time, in another window.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      const isTaken = ['PreconditionFailed', 'ConditionalRequestConflict'].includes((error as Error).name);
      if (!isTaken || attempt === TRIES) throw error;
    }
  }
}
