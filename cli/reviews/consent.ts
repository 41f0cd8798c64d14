import { personOf, type SignedReview } from '../../core/ledger/review';
import { commandThatHelps } from '../../core/release/judge';
import { visibleLine } from '../../core/text/visible-text';
import { peopleText } from '../../studio/audit-page/row-text';
import { timestamp } from '../age';
import type { Judgement } from './judgement';
import { type MeasuredRun, measuredRun } from './measured-run';

/** Who said what about a move, as programs read it. */
export interface Consent {
  readonly asked: readonly Said[];
  readonly approved: readonly Said[];
  readonly rejected: readonly Said[];
  /** How suites came out that gates ask for, of each the run that counts; left out for none. */
  readonly measured?: readonly MeasuredRun[];
  /** Empty where the alias may move. */
  readonly missing: readonly Missing[];
  /** What speaks against the move and does not stop it; absent where nothing does. */
  readonly warnings?: readonly string[];
}

export interface Missing {
  readonly code: string;
  readonly message: string;
  /** How to get it, where somebody has to run a suite. */
  readonly command?: string;
}

export interface Said {
  readonly person: string;
  readonly group: string;
  /** By the clock of S3, ISO 8601. */
  readonly time: string;
  readonly comment: string | null;
}

export function consentOf({ heard, measured, refusals, warnings, facts }: Judgement): Consent {
  const runs = measured.flatMap(measuredRun);
  const said = (reviews: readonly SignedReview[]) => unique(reviews).map(saidIn);
  return {
    asked: said(heard.flatMap(({ request }) => request ?? [])),
    approved: said(heard.flatMap(({ approvals }) => approvals)),
    rejected: said(heard.flatMap(({ rejections }) => rejections)),
    ...(runs.length > 0 && { measured: runs }),
    missing: refusals.map((refusal) => ({
      code: refusal.code,
      message: refusal.message,
      ...(facts && refusal.command === 'evaluate' && { command: commandThatHelps(facts, refusal) }),
    })),
    ...(warnings && { warnings }),
  };
}

/** `asked by alice, approved by bob, carol`; empty where nobody said anything. */
export function consentText({
  asked,
  approved,
  rejected,
  measured = [],
}: Omit<Consent, 'missing' | 'warnings'>): string {
  const people = (said: readonly Pick<Said, 'person'>[]) => [...new Set(said.map(({ person }) => person))];
  return peopleText({
    asked: people(asked),
    approved: people(approved),
    rejected: people(rejected),
    measured: people(measured),
  });
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
