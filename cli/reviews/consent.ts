import { personOf, type SignedReview } from '../../core/ledger/review';
import { visibleLine } from '../../core/text/visible-text';
import { peopleText } from '../../studio/audit-page/row-text';
import { timestamp } from '../age';
import type { Judgement } from './judgement';

/** Who said what about a move, as programs read it. */
export interface Consent {
  readonly asked: readonly Said[];
  readonly approved: readonly Said[];
  readonly rejected: readonly Said[];
  /** Empty where the alias may move. */
  readonly missing: readonly { readonly code: string; readonly message: string }[];
  /** What speaks against the move and does not stop it; absent where nothing does. */
  readonly warnings?: readonly string[];
}

export interface Said {
  readonly person: string;
  readonly group: string;
  /** By the clock of S3, ISO 8601. */
  readonly time: string;
  readonly comment: string | null;
}

export function consentOf({ heard, refusals, warnings }: Judgement): Consent {
  const said = (reviews: readonly SignedReview[]) => unique(reviews).map(saidIn);
  return {
    asked: said(heard.flatMap(({ request }) => request ?? [])),
    approved: said(heard.flatMap(({ approvals }) => approvals)),
    rejected: said(heard.flatMap(({ rejections }) => rejections)),
    missing: refusals.map(({ code, message }) => ({ code, message })),
    ...(warnings && { warnings }),
  };
}

/** `asked by alice, approved by bob, carol`; empty where nobody said anything. */
export function consentText({ asked, approved, rejected }: Omit<Consent, 'missing' | 'warnings'>): string {
  const people = (said: readonly Said[]) => [...new Set(said.map(({ person }) => person))];
  return peopleText({ asked: people(asked), approved: people(approved), rejected: people(rejected) });
}

/** `alice as authors, 2026-12-02 09:00:00 UTC: CHG-1042` */
export function saidText({ person, group, time, comment }: Said): string {
  const words = comment === null ? '' : `: ${visibleLine(comment)}`;
  return `${person} as ${group}, ${timestamp(new Date(time))}${words}`;
}

export function saidIn({ address, time, review }: SignedReview): Said {
  const comment = review?.comment ?? null;
  return { person: personOf(address.signer), group: address.group, time, comment };
}

/** Several gates may hear the same review. */
function unique(reviews: readonly SignedReview[]): SignedReview[] {
  return [...new Map(reviews.map((review) => [review.key, review])).values()];
}
