import type { RolloutStep } from '../ledger/rollout-step';
import type { ArmCounts } from './arm-counts';
import { type CountedWindow, isOfOneShare } from './counted-windows';

/** A metric of one version of an alias. */
export interface VersionMetric {
  readonly metric: 'FirstUses' | 'FirstErrors' | 'Uses';
  readonly prompt: string;
  readonly alias: string;
  readonly version: number;
}

/** Sums by the beginning of each span, in milliseconds since 1970. */
export type SpanSums = ReadonlyMap<number, number>;

export interface Metrics {
  /** In the order of the metrics. */
  sums(metrics: readonly VersionMetric[], window: CountedWindow): Promise<readonly SpanSums[]>;
}

export interface CountedArms {
  readonly prompt: string;
  readonly alias: string;
  readonly candidate: number;
  readonly stable: number;
  readonly steps: readonly RolloutStep[];
}

/** First uses of both versions by spans, oldest first, and uses of the candidate since the step that is served. */
export async function readArms(
  { candidate, stable, steps, ...of }: CountedArms,
  windows: readonly CountedWindow[],
  metrics: Metrics,
): Promise<{ spans: ArmCounts[]; uses: number }> {
  const asked: VersionMetric[] = [
    { ...of, metric: 'FirstUses', version: candidate },
    { ...of, metric: 'FirstErrors', version: candidate },
    { ...of, metric: 'FirstUses', version: stable },
    { ...of, metric: 'FirstErrors', version: stable },
    { ...of, metric: 'Uses', version: candidate },
  ];
  const served = Date.parse(steps.at(-1)?.at ?? '');
  const spans: ArmCounts[] = [];
  let uses = 0;
  for (const window of windows) {
    const sums = await metrics.sums(asked, window);
    const at = (index: number, time: number) => sums[index]?.get(time) ?? 0;
    const times = new Set(sums.flatMap((sum) => [...sum.keys()]));
    for (const time of [...times].sort((a, b) => a - b)) {
      if (time >= served) uses += at(4, time);
      if (!isOfOneShare(new Date(time), window.seconds, steps)) continue;
      spans.push({
        candidate: { uses: at(0, time), failures: at(1, time) },
        stable: { uses: at(2, time), failures: at(3, time) },
      });
    }
  }
  return { spans, uses };
}
