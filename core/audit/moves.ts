import type { LedgerRecord, ReleasedVersion } from '../ledger/record';
import { type Passed, unknownFeatures } from '../ledger/record-schema-2';
import { placeBackAmong } from '../release/ground';
import { readVersion, type SurveyedChain } from './ledger-survey';

/** A record that moved its alias, or gave a new candidate to a share of its callers. */
export interface RecordedMove {
  readonly record: LedgerRecord;
  /** What callers got from then on. */
  readonly target: ReleasedVersion;
  /** Records of before, newest first. */
  readonly older: readonly LedgerRecord[];
  readonly key: string;
  /** When S3 stored the record, by the clock that reviews have as well. */
  readonly stored: string;
  /** The record whose place the move went back to; undefined for one forward. */
  readonly back: LedgerRecord | undefined;
  /** What was agreed to: by the record, or at the start of the rollout of this content that the record settles. */
  readonly agreed: Agreed | undefined;
}

export type Agreed = Extract<Passed, { how: 'agreed' }>;

/**
 * The moves of an alias that a gate may have to do with, oldest first. None is given where records could not be read, nor
 * behind one that needs a newer version of the package: what let a move through may stand in them.
 */
export function recordedMoves(chain: SurveyedChain): RecordedMove[] {
  const { objects } = chain;
  const records = told(chain);
  return records.flatMap((record, index) => {
    const target = targetOf(record);
    if (record.undo || !target) return [];
    const older = records.slice(0, index).reverse();
    const back = target === record.to ? placeBackAmong(target.version, older) : undefined;
    const object = objects.get(record.sequence);
    const stored = (object && readVersion(object)?.time) || record.time;
    const agreed = agreementOf(record, target, older);
    return [{ record, target, older, back, agreed, stored, key: object?.key ?? '' }];
  });
}

/** Records that say that they undo a release, and take their alias to where it never was: an undo asks nobody. */
export function undoneToElsewhere(chain: SurveyedChain): LedgerRecord[] {
  const records = told(chain);
  return records.filter(({ undo, from, to }, index) => {
    const isThere = ({ to: place }: LedgerRecord) => place?.version === to?.version || place?.digest === to?.digest;
    return undo && to !== null && to.version !== from?.version && !records.slice(0, index).some(isThere);
  });
}

/** Up to the first record that needs more than is known here; none where one could not be read, which may be any of them. */
function told({ records, unread }: SurveyedChain): readonly LedgerRecord[] {
  const unknown = records.findIndex((record) => unknownFeatures(record).length > 0);
  return unread ? [] : records.slice(0, unknown < 0 ? records.length : unknown);
}

function agreementOf(
  { passed }: LedgerRecord,
  { digest }: ReleasedVersion,
  older: readonly LedgerRecord[],
): Agreed | undefined {
  if (passed?.how !== 'carried') return passed?.how === 'agreed' ? passed : undefined;
  const start = older.find(({ sequence, rollout }) => sequence === passed.plan && rollout?.candidate.digest === digest);
  return start?.passed?.how === 'agreed' ? start.passed : undefined;
}

function targetOf({ from, to, rollout, sequence }: LedgerRecord): ReleasedVersion | undefined {
  if (rollout && rollout.plan === sequence) return rollout.candidate;
  return to && to.version !== from?.version ? to : undefined;
}
