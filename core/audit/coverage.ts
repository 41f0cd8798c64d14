import type { AuditedTrail } from './audit-rule';
import { DAY_MS } from './clocks';
import { DELIVERY_MS } from './evidence';

/** What happened so long ago that CloudTrail has delivered it, and not before it was asked for. */
export function isCovered(
  { trail, evidence }: Pick<AuditedTrail, 'trail' | 'evidence'>,
  time: string,
  before = 0,
): boolean {
  const at = Date.parse(time);
  return (
    at - before >= Date.parse(trail.from) &&
    at <= Math.min(Date.parse(trail.to), Date.parse(evidence.now) - DELIVERY_MS)
  );
}

/** How many of the records are old or young enough for CloudTrail to tell about them. */
export function coverage({ evidence, survey, trail }: Pick<AuditedTrail, 'evidence' | 'survey' | 'trail'>) {
  const times = survey.chains.flatMap(({ records }) => records.map(({ time }) => time));
  const compared = times.filter((time) => isCovered({ evidence, trail }, time, DAY_MS)).length;
  const young = times.filter((time) => Date.parse(time) > Date.parse(evidence.now) - DELIVERY_MS).length;
  return { compared, young, older: times.length - compared - young };
}
