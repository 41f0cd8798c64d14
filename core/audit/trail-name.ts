import type { AuditEvidence } from './evidence';
import { lastPart, type TrailEvent, text } from './trail-event';

/** Name of the trail that a call of CloudTrail was about. */
export function trailName({ request }: TrailEvent): string {
  return lastPart(text(request.name) ?? text(request.trailName) ?? 'a trail');
}

/** Whether a call was about one of the trails that matter; where those are not known, all do. */
export function isOfTrails(event: TrailEvent, { trails }: Pick<AuditEvidence, 'trails'>): boolean {
  return trails === undefined || trails.map(lastPart).includes(trailName(event));
}
