import type { AuditEvidence, TrailFileProblem } from './evidence';
import type { Report } from './finding';

const MEANING: Readonly<Record<TrailFileProblem['problem'], string>> = {
  Unreadable: 'cannot be read: it is half-written or was changed',
  Rewritten: 'was written more than once: CloudTrail writes a file once',
  DeleteMarker: 'was hidden by a delete marker',
  DigestMismatch: 'is not the file that CloudTrail delivered',
  MissingFile: "stands in a digest of CloudTrail's and is not in the bucket: it was deleted",
  EventMissing: 'is an event that CloudTrail itself keeps and that the trail has no file of: it was taken out',
  EventDiffers: 'is an event that CloudTrail itself keeps with another content: the file was changed',
};

/** What is wrong with the trail's own files. */
export function trailFileFindings({ files }: AuditEvidence, report: Report): void {
  for (const { key, problem, detail } of files?.problems ?? []) {
    const events = problem.startsWith('Event') ? [key] : [];
    report(problem, key, `${MEANING[problem]}${detail ? ` (${detail})` : ''}`, { events });
  }
}
