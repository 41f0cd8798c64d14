import { sharesText } from '../../core/evaluation/verdict-text';
import type { EvaluationCounts } from '../../core/ledger/evaluation-counts';
import { NO_ALIAS } from '../../core/ledger/layout';
import { evaluationIn, type ReviewKind, type SignedReview } from '../../core/ledger/review';
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
  /** How a suite came out. */
  readonly evaluation?: EvaluationCounts;
}

/** People of whom not all was read. */
export function unreadOf(thread: readonly ThreadEntry[]): string[] {
  return [...new Set(thread.flatMap(({ hasOlder, person }) => (hasOlder ? person : [])))].sort();
}

/** What an entry says in a line; empty where its kind says all. */
export function wordsOf({ comment, problem, evaluation }: ThreadEntry): string {
  return comment ?? problem ?? (evaluation ? countsText(evaluation) : '');
}

function countsText({ metrics, critical, suite }: EvaluationCounts): string {
  const failed = critical.failed.length + critical.unnamed;
  const note = failed > 0 ? `, ${failed} of ${critical.cases} critical cases fail` : '';
  return `${sharesText(metrics)}${note}, suite ${suite.slice(0, 12)}`;
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
  const evaluation = evaluationIn(review);
  const said = { ...saidIn(signed), kind: review?.kind ?? null, alias };
  return {
    ...said,
    ...(problem !== undefined && { problem }),
    ...(hasOlder && { hasOlder }),
    ...(evaluation && { evaluation: countsOf(evaluation) }),
  };
}

function countsOf({ suite, baseline, cases, critical, metrics, errors, rows, runner }: EvaluationCounts) {
  return { suite, baseline, cases, critical, metrics, errors, rows, runner };
}
