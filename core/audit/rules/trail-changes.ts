import type { AuditedTrail, AuditRule } from '../audit-rule';
import type { AuditEvidence } from '../evidence';
import type { Report } from '../finding';
import { isStackExecution } from '../parameter-events';
import { actorName, type TrailEvent } from '../trail-event';
import { isOfTrails, trailName } from '../trail-name';

type Problem = 'TrailOff' | 'TrailChanged';

export const TRAIL_EVENTS: Readonly<Record<string, string>> = {
  StopLogging: 'was stopped',
  DeleteTrail: 'was deleted',
  UpdateTrail: 'was changed',
  PutEventSelectors: 'had its selectors changed',
};

/** The trail itself: it logs, and nobody changed it. */
export const trailChanges: AuditRule<AuditedTrail, Problem> = {
  name: 'trail-changes',
  reads: "the status of the trails, and CloudTrail's calls that change a trail",
  finds: {
    TrailOff: 'a trail does not log now, or cannot deliver its files',
    TrailChanged: 'a trail was stopped, deleted or changed',
  },
  run({ evidence, trail }, report) {
    for (const name of evidence.silentTrails ?? []) report('TrailOff', `trail ${name}`, 'does not log now');
    for (const { name, error } of evidence.undelivered ?? [])
      report('TrailOff', `trail ${name}`, `cannot deliver: CloudTrail says ${error}`);
    for (const event of trail.events) {
      if (event.source === 'cloudtrail.amazonaws.com' && event.errorCode === null) judge(evidence, event, report);
    }
  },
};

function judge(evidence: AuditEvidence, event: TrailEvent, report: Report<Problem>): void {
  const what = TRAIL_EVENTS[event.name];
  if (what === undefined || !isOfTrails(event, evidence)) return;
  const byStack = isStackExecution(event, evidence.stacks);
  const isEnd = event.name === 'StopLogging' || event.name === 'DeleteTrail';
  const by = byStack ? 'a stack' : actorName(event.identity);
  report(
    'TrailChanged',
    `trail ${trailName(event)}`,
    `${what} at ${event.time} by ${by}${isEnd ? ': from then on it proves nothing' : ''}`,
    { ...(byStack && !isEnd && { level: 'note' }), events: [event.id] },
  );
}
