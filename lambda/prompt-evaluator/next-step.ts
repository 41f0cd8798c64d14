/** How an attempt at a job ended. */
export type Outcome =
  /** All was asked that can be asked. */
  | 'asked'
  /** The invocation's time is nearly over. */
  | 'out of time'
  /** IAM did not let the function ask. */
  | 'no access'
  /** The model was too busy for everybody, for minutes. */
  | 'busy'
  /** Nothing will be answered: the version or its model is gone, the suite's judge is not to be believed. */
  | 'never';

/** Where a job stands. All times in milliseconds. */
export interface JobState {
  readonly outcome: Outcome;
  /** Since the job began, in whatever invocation. */
  readonly age: number;
  /** Until the invocation must have handed on; 0 or less where that is over. */
  readonly left: number;
}

export type JobStep =
  | { readonly step: 'conclude' | 'hand on' | 'give up' }
  | { readonly step: 'try again'; readonly after: number };

/** A version's policy follows its publication within the same stack operation, and IAM follows that within seconds. */
const PAUSES_FOR_ACCESS = { first: 2_000, longest: 15_000 };
export const LONGEST_WAIT_FOR_ACCESS = 3_600_000;
const PAUSE_OF_THE_BUSY = 60_000;
/** Throttled for so long, a job would only take what is left of a quota from production. */
export const LONGEST_JOB = 86_400_000;

/** What comes next. A job ends in a review or in giving up, and in the latter nothing is signed. */
export function nextStep({ outcome, age, left }: JobState): JobStep {
  if (outcome === 'asked') return { step: 'conclude' };
  const isTooOld = age >= (outcome === 'no access' ? LONGEST_WAIT_FOR_ACCESS : LONGEST_JOB);
  if (outcome === 'never' || isTooOld) return { step: 'give up' };
  if (outcome === 'out of time' || left <= 0) return { step: 'hand on' };
  const { first, longest } = PAUSES_FOR_ACCESS;
  const pause = outcome === 'busy' ? PAUSE_OF_THE_BUSY : Math.min(longest, Math.max(first, age));
  return { step: 'try again', after: Math.min(pause, left) };
}
