import type { ModelFacts } from '../../core/models/model-facts';
import { daysUntil } from '../../core/models/model-life';
import type { WatchedVersion } from './watched-aliases';

/** A version with what Bedrock says of its model today. */
export interface JudgedVersion extends WatchedVersion {
  readonly facts: ModelFacts;
  /** Days until the model's end, negative where it is over; null where none is announced or known. */
  readonly days: number | null;
  /** Days without a call of a LEGACY model; null where it is none, is over, or where nobody knows. */
  readonly uncalled: number | null;
}

/** From so many days without a call on an account is near to losing a LEGACY model, which it does after 15 to 30. */
const IDLE_DAYS = 10;

export function judgedVersion(version: WatchedVersion, facts: ModelFacts, now: Date): JudgedVersion {
  return { ...version, facts, days: facts.ends === null ? null : daysUntil(facts.ends, now), uncalled: null };
}

/** An account may lose it before its end, when nobody calls it. */
export function isLosable({ facts, days }: JudgedVersion): boolean {
  return facts.status === 'LEGACY' && (days === null || days > 0);
}

export function isIdle({ uncalled }: JudgedVersion): boolean {
  return uncalled !== null && uncalled >= IDLE_DAYS;
}

/** Bedrock did not say whether and until when there is such a model. Of provisioned and custom models it never does. */
export function isUnjudged({ facts, days }: JudgedVersion): boolean {
  return days === null && (facts.status === 'UNKNOWN' || facts.status === 'UNREAD');
}
