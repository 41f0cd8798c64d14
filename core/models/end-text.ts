import type { LockedFacts } from './locked-facts';

/** `2027-03-01, in 91 days`; empty where no end is known. */
export function endText({ end, days, successor }: Pick<LockedFacts, 'end' | 'days' | 'successor'>): string {
  if (end === null || days === null) return '';
  const when = days > 0 ? `in ${days} day${days === 1 ? '' : 's'}` : 'over';
  return `${end}, ${when}${successor === null ? '' : `; then ${successor}`}`;
}
