import { NO_ALIAS } from '../../core/ledger/layout';
import type { ReviewKind, SignedReview } from '../../core/ledger/review';
import { reviewThread } from '../../core/ledger/review-source';
import type { Registry } from '../registry';
import { type Said, saidIn } from './consent';
import { S3ReviewSource } from './s3-review-source';

/** Something that somebody said about a content. */
export interface ThreadEntry extends Said {
  /** Null for what cannot be read, and counts for nothing. */
  readonly kind: ReviewKind | null;
  /** Null for a comment, which is on a content whatever alias points at it. */
  readonly alias: string | null;
  /** Why it cannot be read. */
  readonly problem?: string;
  /** Set where more by this person, as this group, are older and were not read. */
  readonly hasOlder?: true;
}

/** People of whom not all was read. */
export function unreadOf(thread: readonly ThreadEntry[]): string[] {
  return [...new Set(thread.flatMap(({ hasOlder, person }) => (hasOlder ? person : [])))].sort();
}

/** What was said about a content for an alias, and comments on it, newest first: of each signer the newest hundred. */
export async function threadOf(
  registry: Registry,
  promptId: string,
  digest: string,
  aliases: readonly string[] = [],
): Promise<ThreadEntry[]> {
  const { clients, stack } = registry;
  const source = new S3ReviewSource(clients.s3, stack.ledgerBucket);
  const found = await Promise.all(
    [NO_ALIAS, ...aliases].map((alias) => reviewThread(source, { promptId, alias, digest }, stack.parameterPrefix)),
  );
  return found
    .flat()
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time))
    .map(entry);
}

function entry(signed: SignedReview): ThreadEntry {
  const { review, problem, address, hasOlder } = signed;
  const alias = address.alias === NO_ALIAS ? null : address.alias;
  const said = { ...saidIn(signed), kind: review?.kind ?? null, alias };
  return { ...said, ...(problem !== undefined && { problem }), ...(hasOlder && { hasOlder }) };
}
