import { keyKind } from '../../ledger/layout';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { LedgerObject } from '../evidence';
import type { Report } from '../finding';

type Problem = 'JunkKey' | 'DeleteMarker' | 'Rewritten' | 'NothingUnderMarker' | 'LegalHold' | 'Unreadable';

/** What the objects themselves say, apart from their content: each key is one of the registry's and was written once. */
export const objects: AuditRule<AuditedRegistry, Problem> = {
  name: 'objects',
  reads: "every version of every object in the ledger's bucket",
  finds: {
    JunkKey: 'an object has a key that the registry never writes',
    DeleteMarker: 'an object was hidden by a delete marker; what it hid is still there as a version',
    Rewritten: 'an object has several versions: somebody wrote over the first',
    NothingUnderMarker: 'an object has a delete marker and no version: it was deleted for good',
    LegalHold: 'an object is under a legal hold, which the registry never sets',
    Unreadable: 'an object cannot be read',
  },
  run({ evidence }, report) {
    for (const object of evidence.objects) judge(object, report);
  },
};

function judge({ key, versions, unreadable, legalHold }: LedgerObject, report: Report<Problem>): void {
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
  if (unreadable !== undefined) report('Unreadable', key, `cannot be read: ${unreadable}`);
}
