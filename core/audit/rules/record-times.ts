import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { readVersion, type SurveyedChain } from '../ledger-survey';

type Problem = 'OtherTime' | 'OutOfOrder';

/** A handler writes within its 3 minutes; S3 keeps whole seconds, and clocks differ. */
const LATE_MS = 10 * 60_000;
const EARLY_MS = 2 * 60_000;

/**
 * Each record was written when it says so. A chain that was made anew from some record on has all its digests right, but
 * S3 dates what is written (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: nobody can set
 * `Last-Modified`).
 */
export const recordTimes: AuditRule<AuditedRegistry, Problem> = {
  name: 'record-times',
  reads: 'the time in each record, and the time when S3 stored it',
  finds: {
    OtherTime: 'S3 stored a record at another time than the record says: it was written again',
    OutOfOrder: 'a record is older in S3 than the record that it follows: that one was written again later',
  },
  run({ survey }, report) {
    for (const chain of survey.chains) judge(chain, report);
  },
};

function judge({ records, objects }: SurveyedChain, report: Report<Problem>): void {
  let before: { sequence: number; time: number } | undefined;
  for (const { sequence, time } of records) {
    const object = objects.get(sequence);
    const written = object && readVersion(object);
    if (!object || !written) continue;
    const [said, stored] = [Date.parse(time), Date.parse(written.time)];
    if (stored - said > LATE_MS || said - stored > EARLY_MS) {
      report(
        'OtherTime',
        object.key,
        `says it was written at ${time}; S3 has it since ${written.time}: it is not the object that was written then`,
      );
    }
    if (before && stored < before.time) {
      report(
        'OutOfOrder',
        object.key,
        `is older in S3 (${written.time}) than record ${before.sequence}, which it follows: record ${before.sequence} was written again later`,
      );
    }
    before = { sequence, time: stored };
  }
}
