import type { LedgerRecord } from '../ledger/record';
import { endMinute, endOf } from './plan-end';

/** What a record begins. */
export interface StartedRollout {
  readonly candidate: number;
  /** Percents. */
  readonly steps: readonly number[];
  /** Of a split, ISO 8601. */
  readonly ends?: string;
}

/** The rollout that a record begins; undefined where it begins none. */
export function startedRollout({
  rollout,
  sequence,
  time,
}: Pick<LedgerRecord, 'rollout' | 'sequence' | 'time'>): StartedRollout | undefined {
  if (rollout?.plan !== sequence) return undefined;
  const { candidate, steps } = rollout;
  const end = endOf(rollout, time);
  return { candidate: candidate.version, steps, ...(end && { ends: end.toISOString() }) };
}

/** `rolls out 4`; of a split `rolls out 4 at 50 % until 2026-12-14 17:00 UTC`. */
export function startText({ candidate, steps, ends }: StartedRollout): string {
  return `rolls out ${candidate}${ends === undefined ? '' : ` at ${steps.join()} % until ${endMinute(ends)}`}`;
}

/** `ends rollout #7`: by the number of the record that began it. */
export function endText(plan: number): string {
  return `ends rollout #${plan}`;
}
