import { casesOf, type PairedCounts } from './paired-interval';
import type { MetricVerdict } from './verdict';

/** `mentions 92 % → 91 %, −1.0 points, 95 % −3.4 … +1.4: not worse by 10 points, 200 cases` */
export function metricText(name: string, verdict: MetricVerdict): string {
  const { candidate, live, cases } = verdict;
  return `${name} ${percent(live)} → ${percent(candidate)}, ${intervalText(verdict)}: ${verdictText(verdict)}, ${cases} case${cases === 1 ? '' : 's'}`;
}

/** `mentions 92 % → 91 %, brief 100 %`: shares that pass, before only where something passed. */
export function sharesText(metrics: Readonly<Record<string, PairedCounts>>): string {
  return Object.entries(metrics)
    .map(([name, counts]) => {
      const { both, onlyCandidate, onlyLive } = counts;
      const cases = casesOf(counts);
      const live = both + onlyLive === 0 ? '' : `${percent((both + onlyLive) / cases)} → `;
      return `${name} ${live}${percent((both + onlyCandidate) / cases)}`;
    })
    .join(', ');
}

/** `−1.0 points, 95 % −3.4 … +1.4` */
export function intervalText({ difference, low, high }: Pick<MetricVerdict, 'difference' | 'low' | 'high'>): string {
  return `${points(difference)} points, 95 % ${points(low)} … ${points(high)}`;
}

/** `not worse by 10 points`, `inconclusive by 10 points, about 410 cases would decide` */
export function verdictText({ verdict, margin, wouldDecide }: MetricVerdict): string {
  const by = `by ${percent(margin).replace(' %', '')} points`;
  if (verdict !== 'inconclusive') return `${verdict} ${by}`;
  return wouldDecide === null
    ? `inconclusive ${by}, and more such cases would not decide`
    : `inconclusive ${by}, about ${wouldDecide} such cases would decide`;
}

/** 0.915 → `91.5 %` */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** −0.034 → `−3.4` */
function points(share: number): string {
  const rounded = (Math.abs(share) * 100).toFixed(1);
  if (Number(rounded) === 0) return '0.0';
  return `${share < 0 ? '−' : '+'}${rounded}`;
}
