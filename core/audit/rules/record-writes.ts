import type { AuditedTrail, AuditRule } from '../audit-rule';
import { CLOCKS_MS } from '../clocks';
import { isCovered } from '../coverage';
import type { LedgerObject } from '../evidence';
import { readVersion } from '../ledger-survey';
import { isWrite, objectCalls } from '../object-calls';

type Problem = 'RecordWithoutWrite' | 'ReviewWithoutWrite';

/** Each record and each review that S3 holds was written by a call. */
export const recordWrites: AuditRule<AuditedTrail, Problem> = {
  name: 'record-writes',
  reads: "CloudTrail's data events of the ledger's bucket, and when S3 stored each record and review",
  finds: {
    RecordWithoutWrite: 'a record is in S3, and the trail has no call that wrote it',
    ReviewWithoutWrite: 'a review is in S3, and the trail has no call that wrote it',
  },
  run(audited, report) {
    const calls = objectCalls(audited);
    const written = new Set(calls.filter(({ event }) => isWrite(event)).map(({ key }) => key));
    // Before the first of them the trail may not have had data events.
    const first = calls
      .filter(({ event: { name } }) => name === 'PutObject' || name === 'DeleteObject')
      .reduce((least, { event }) => Math.min(least, Date.parse(event.time)), Number.POSITIVE_INFINITY);
    const look = (problem: Problem, object: LedgerObject) => {
      const time = readVersion(object)?.time;
      if (!time || written.has(object.key)) return;
      if (Date.parse(time) <= first + CLOCKS_MS || !isCovered(audited, time)) return;
      report(
        problem,
        object.key,
        `is in S3 since ${time}; the trail has no call that wrote it, but has others of that time`,
      );
    };
    const { chains, reviews } = audited.survey;
    for (const { objects, records } of chains) {
      for (const { sequence } of records) {
        const object = objects.get(sequence);
        if (object) look('RecordWithoutWrite', object);
      }
    }
    for (const { object } of reviews) look('ReviewWithoutWrite', object);
  },
};
