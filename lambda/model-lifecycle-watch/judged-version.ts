import type { ModelFacts } from '../../core/models/model-facts';
import { daysUntil } from '../../core/models/model-life';
import type { WatchedVersion } from './watched-aliases';

/** A version with what Bedrock says of its model today. */
export interface JudgedVersion extends WatchedVersion {
  readonly facts: ModelFacts;
  /** Days until the model's end, negative where it is over; null where none is announced or known. */
  readonly days: number | null;
}

export function judgedVersion(version: WatchedVersion, facts: ModelFacts, now: Date): JudgedVersion {
  return { ...version, facts, days: facts.ends === null ? null : daysUntil(facts.ends, now) };
}

/** Bedrock did not say whether and until when there is such a model. Of provisioned and custom models it never does. */
export function isUnjudged({ facts, days }: JudgedVersion): boolean {
  return days === null && (facts.status === 'UNKNOWN' || facts.status === 'UNREAD');
}
