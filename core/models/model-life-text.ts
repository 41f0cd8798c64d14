import type { LockedFacts } from './locked-facts';

/** `which ends on 2027-03-01, in 91 days; its successor is …`, to follow the model's name. */
export function modelLifeText({
  status,
  end,
  days,
  successor,
}: Pick<LockedFacts, 'status' | 'end' | 'days' | 'successor'>): string {
  if (status === null) return 'until when is not known';
  const instead = successor === null ? '' : `; its successor is ${successor}`;
  if (end !== null && days !== null && days > 0) {
    return `which ends on ${end}, in ${days} day${days === 1 ? '' : 's'}${instead}`;
  }
  if (end !== null) return `which ended on ${end}${instead}`;
  if (status === 'ENDED') return `which has ended${instead}`;
  return status === 'LEGACY' ? `which is LEGACY, without an announced end${instead}` : 'of which no end is announced';
}
