import { keyKind } from '../ledger/layout';
import type { AuditEvidence } from './evidence';
import type { Report } from './finding';
import { type LedgerSurvey, readVersion } from './ledger-survey';

/** A handler writes within its 3 minutes; S3 keeps whole seconds, and clocks differ. */
const LATE_MS = 10 * 60_000;
const EARLY_MS = 2 * 60_000;

/**
 * What the objects themselves say, beside their content: each key is one of the registry's, was written once, and when
 * its record says so. A chain that was made anew from some record on has all its digests right, but S3 dates what is
 * written (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: nobody can set `Last-Modified`).
 */
export function objectFindings({ objects }: AuditEvidence, survey: LedgerSurvey, report: Report): void {
  const keys = new Map<string | null, number>();
  for (const { key, versions, unreadable, legalHold, keyArn } of objects) {
    if (keyKind(key) === null) {
      report('JunkKey', key, 'is no key that the registry writes: somebody put it there by hand');
    }
    const bodies = versions.filter(({ marker }) => !marker);
    const markers = versions.filter(({ marker }) => marker);
    for (const { time } of markers) {
      report('DeleteMarker', key, `was hidden by a delete marker at ${time}; what it hid is still there, as a version`);
    }
    if (bodies.length > 1) {
      const times = bodies.map(({ time }) => time).reverse();
      report(
        'Rewritten',
        key,
        `has ${bodies.length} versions (${times.join(', ')}): the registry writes a key once, so somebody wrote over the first`,
      );
    }
    if (bodies.length === 0 && markers.length > 0) {
      report('NothingUnderMarker', key, 'has a delete marker and no version: what stood there was deleted for good');
    }
    if (legalHold) report('LegalHold', key, 'is under a legal hold, which the registry sets on nothing');
    if (keyArn !== undefined) keys.set(keyArn, (keys.get(keyArn) ?? 0) + 1);
    if (unreadable !== undefined) report('Unreadable', key, `cannot be read: ${unreadable}`);
  }
  if (keys.size > 1) {
    const found = [...keys].map(([arn, count]) => `${count} under ${arn ?? "S3's own key"}`).join(', ');
    const message = `has objects under several keys (${found}): the key changed, or somebody else's came in; without its key an object cannot be read`;
    report('SeveralKeys', 'ledger', message, { level: 'note' });
  }
  for (const { records, objects: placed } of survey.chains) {
    let before: { sequence: number; time: number } | undefined;
    for (const { sequence, time } of records) {
      const object = placed.get(sequence);
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
}
