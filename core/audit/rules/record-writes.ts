import type { AuditedTrail, AuditRule } from '../audit-rule';
import { CLOCKS_MS } from '../clocks';
import { isCovered } from '../coverage';
import { readVersion } from '../ledger-survey';
import { isWrite, objectCalls } from '../object-calls';

/** Each record that S3 holds was written by a call. */
export const recordWrites: AuditRule<AuditedTrail, 'RecordWithoutWrite'> = {
  name: 'record-writes',
  reads: "CloudTrail's data events of the ledger's bucket, and when S3 stored each record",
  finds: { RecordWithoutWrite: 'a record is in S3, and the trail has no call that wrote it' },
  run(audited, report) {
    const calls = objectCalls(audited);
    const written = new Set(calls.filter(({ event }) => isWrite(event)).map(({ key }) => key));
    // Before the first of them the trail may not have had data events.
    const first = calls
      .filter(({ event: { name } }) => name === 'PutObject' || name === 'DeleteObject')
      .reduce((least, { event }) => Math.min(least, Date.parse(event.time)), Number.POSITIVE_INFINITY);
    for (const { objects, records } of audited.survey.chains) {
      for (const { sequence } of records) {
        const object = objects.get(sequence);
        const time = object && readVersion(object)?.time;
        if (!object || !time || written.has(object.key)) continue;
        if (Date.parse(time) <= first + CLOCKS_MS || !isCovered(audited, time)) continue;
        report(
          'RecordWithoutWrite',
          object.key,
          `is in S3 since ${time}; the trail has no call that wrote it, but has others of that time`,
        );
      }
    }
  },
};
