import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { TrailFileProblem } from '../evidence';

type Problem = TrailFileProblem['problem'];

const MEANING: Readonly<Record<Problem, string>> = {
  Unreadable: 'cannot be read: it is half-written or was changed',
  Rewritten: 'was written more than once: CloudTrail writes a file once',
  DeleteMarker: 'was hidden by a delete marker',
  DigestMismatch: 'is not the file that CloudTrail delivered',
  MissingFile: "stands in a digest of CloudTrail's and is not in the bucket: it was deleted",
  EventMissing: 'is an event that CloudTrail itself keeps and that the trail has no file of: it was taken out',
  EventDiffers: 'is an event that CloudTrail itself keeps with another content: the file was changed',
};

/** What is wrong with the trail's own files. */
export const trailFiles: AuditRule<AuditedRegistry, Problem> = {
  name: 'trail-files',
  reads: "the trail's log and digest files, and CloudTrail's event history",
  finds: {
    Unreadable: 'a file cannot be read: it is half-written or was changed',
    Rewritten: 'a file was written more than once; CloudTrail writes a file once',
    DeleteMarker: 'a file was hidden by a delete marker',
    DigestMismatch: 'a file is not the one that CloudTrail delivered',
    MissingFile: 'a file that a digest names is not in the bucket: it was deleted',
    EventMissing: "an event of CloudTrail's own history is in no file of the trail: it was taken out",
    EventDiffers: "an event has another content than in CloudTrail's own history: the file was changed",
  },
  run({ evidence }, report) {
    for (const { key, problem, detail } of evidence.files?.problems ?? []) {
      const events = problem.startsWith('Event') ? [key] : [];
      report(problem, key, `${MEANING[problem]}${detail ? ` (${detail})` : ''}`, { events });
    }
  },
};
