import { keyKind } from '../../ledger/layout';
import type { AuditedTrail, AuditRule } from '../audit-rule';
import { byController } from '../controller-role';
import { isCovered } from '../coverage';
import type { Report } from '../finding';
import { isWrite, objectCalls } from '../object-calls';
import { actorName, roleName, type TrailEvent } from '../trail-event';

type Problem = 'ObjectDeleted' | 'DeleteRefused' | 'ObjectChanged' | 'ObjectByOther' | 'ObjectGone';

/** What the registry does to no object. */
const OBJECT_EVENTS: Readonly<Record<string, string>> = {
  PutObjectRetention: 'had its retention changed',
  PutObjectLegalHold: 'had its legal hold changed',
  PutObjectAcl: 'had its access control list changed',
  UpdateObjectEncryption: 'had its encryption changed',
};

/** S3's data events of the ledger: who wrote each object, and what was written or deleted that is not there. */
export const ledgerCalls: AuditRule<AuditedTrail, Problem> = {
  name: 'ledger-calls',
  reads: "CloudTrail's data events of the ledger's bucket, and the objects that are there",
  finds: {
    ObjectDeleted: 'an object was deleted',
    DeleteRefused: 'somebody tried to delete an object, and S3 refused',
    ObjectChanged: "an object's retention, legal hold, access list or encryption was changed",
    ObjectByOther: 'an object was written by somebody other than the registry',
    ObjectGone: 'an object was written and is not there any more: it was deleted for good',
  },
  run(audited, report) {
    const present = new Set(audited.evidence.objects.map(({ key }) => key));
    const calls = objectCalls(audited);
    const isOwn = writers(audited, calls);
    for (const { key, event } of calls) {
      if (event.name === 'DeleteObject' || event.name === 'DeleteObjects') deleted(key, event, report);
      const what = OBJECT_EVENTS[event.name];
      if (what !== undefined && event.errorCode === null)
        report('ObjectChanged', key, `${what} at ${event.time} by ${actorName(event.identity)}, not by the registry`, {
          events: [event.id],
        });
      if (!isWrite(event)) continue;
      if (!isOwn(key, event))
        report(
          'ObjectByOther',
          key,
          `was written at ${event.time} by ${actorName(event.identity)}, not by the registry`,
          { events: [event.id] },
        );
      if (!present.has(key) && isCovered(audited, event.time))
        report(
          'ObjectGone',
          key,
          `was written at ${event.time} and is not there any more, nor hidden by a marker: it was deleted for good`,
          { events: [event.id] },
        );
    }
  },
};

function deleted(key: string, { id, time, identity, errorCode }: TrailEvent, report: Report<Problem>): void {
  const who = actorName(identity);
  if (errorCode === null) report('ObjectDeleted', key, `was deleted at ${time} by ${who}`, { events: [id] });
  else
    report('DeleteRefused', key, `was to be deleted at ${time} by ${who}; S3 refused (${errorCode})`, {
      level: 'note',
      events: [id],
    });
}

/** Whether the registry's own role wrote an object, or may have: those that are not known are not judged. */
function writers({ evidence }: AuditedTrail, calls: readonly { readonly event: TrailEvent }[]) {
  const { releaser, publisher, controller } = evidence;
  const writeOf = ({ identity, time }: TrailEvent) => ({ role: roleName(identity), time });
  const writes = calls.flatMap(({ event }) => (isWrite(event) ? writeOf(event) : []));
  const isController = controller ? byController(controller, writes) : () => true;
  return (key: string, event: TrailEvent): boolean => {
    const kind = keyKind(key);
    // Who may write a review stands in its key: another rule compares.
    if (kind === 'review') return true;
    if (kind === 'step') return isController(writeOf(event));
    const writer = kind === 'record' || kind === 'reason' ? releaser : publisher;
    return writer === null || roleName(event.identity) === writer;
  };
}
