import type { VersionMetrics } from '../metrics/version-metrics';
import type { Readout } from './readout';

/** All that a readout of an alias says. */
export interface ExperimentReport extends Readout {
  readonly prompt: string;
  /** Parameter prefix of its registry. */
  readonly registry: string;
  readonly alias: string;
  /** Sequence number of the record that began it. */
  readonly plan: number;
  readonly stable: number;
  readonly candidate: number;
  /** Percentages of the keys that the candidate gets, one after the other. */
  readonly shares: readonly number[];
  /** Times are ISO 8601. Null for what did not happen, or will not. */
  readonly began: string;
  readonly ends: string | null;
  readonly halted: string | null;
  readonly ended: string | null;
  readonly now: string;
  /** Milliseconds from which on a use is slow. */
  readonly slow: number;
  /** How often one user may have been counted at most: counts are divided by it. */
  readonly repeats: number;
  /** What was read; null before the candidate is served. */
  readonly measured: MeasuredSpan | null;
  /** All uses of both versions through the alias while both were served, in whole spans; those without a key as well. */
  readonly uses: { readonly candidate: ArmUse; readonly stable: ArmUse } | null;
}

export interface MeasuredSpan {
  readonly since: string;
  /** Null where there is nothing to read, yet or for ever. */
  readonly until: string | null;
  /** Length of a span. */
  readonly seconds: number | null;
  /** When there is something to read; null where there is, and where there will be nothing. */
  readonly next: string | null;
  /** CloudWatch no longer has the beginning: what is said holds for this look only. */
  readonly isCut: boolean;
}

export type ArmUse = Pick<
  VersionMetrics,
  'uses' | 'errors' | 'latency' | 'inputTokens' | 'outputTokens' | 'cost' | 'pricedUses'
>;
