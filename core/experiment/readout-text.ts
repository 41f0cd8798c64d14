import type { MetricReadout, SplitReadout } from './readout';
import type { ExperimentReport } from './report';

/** `1.2 %`, `0.42 %`; more digits where there is less. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && Math.abs(percent) < 1 ? percent.toFixed(2) : percent.toFixed(1)} %`;
}

/** `61.2 % of 3,410`; empty without answers. */
export function answersText({ n, yes }: MetricReadout['candidate']): string {
  return n === 0 ? '' : `${percentText(yes / n)} of ${n.toLocaleString('en')}`;
}

/** `+4.7 points, from +1.2 to +8.1`; empty where there is nothing to compare. */
export function differenceText({ difference, low, high }: Pick<MetricReadout, 'difference' | 'low' | 'high'>): string {
  if (difference === null) return '';
  const digits = Math.max(Math.abs(low), Math.abs(high)) < 0.02 ? 2 : 1;
  const points = (value: number) => {
    const text = (Math.abs(value) * 100).toFixed(digits);
    return `${Number(text) === 0 ? '' : value < 0 ? '-' : '+'}${text}`;
  };
  return `${points(difference)} points, from ${points(low)} to ${points(high)}`;
}

/** What a metric says, in two words. `open` is not that the arms are alike. */
export function verdictText({
  verdict,
  candidate,
  stable,
}: Pick<MetricReadout, 'verdict' | 'candidate' | 'stable'>): string {
  if (verdict === 'open') return 'not told apart';
  if (verdict !== 'nothing') return verdict;
  if (candidate.n + stable.n === 0) return 'nothing was counted';
  if (candidate.n === 0) return 'of stable only';
  return stable.n === 0 ? 'of the candidate only' : 'never in one span';
}

/** `10,044 of 20,000 first uses got the candidate, as planned (50 %)`. */
export function splitText({ candidate, stable, share, isFaulty }: SplitReadout): string {
  const all = candidate + stable;
  const got = `${candidate.toLocaleString('en')} of ${all.toLocaleString('en')} first uses got the candidate`;
  return isFaulty ? `${got}, ${percentText(share)} are planned` : `${got}, as planned (${percentText(share)})`;
}

/** Why a split that is not as planned may be no fault, and what to do then. */
export function splitFixText({ explainedByRepeats }: SplitReadout, repeats: number): string {
  const times = Math.max(explainedByRepeats, repeats + 1);
  return `either callers do not draw as the plan says, or users count several times: from ${times} times on it would be no fault; where one user reaches up to ${times} processes, --repeats ${times}`;
}

/** Where the plan is, and since or until when. */
export function planState({ ended, halted, ends, now }: Pick<ExperimentReport, 'ended' | 'halted' | 'ends' | 'now'>): {
  readonly word: 'ended' | 'halted' | 'over' | 'until' | 'under way';
  readonly time: string | null;
} {
  if (ended !== null) return { word: 'ended', time: ended };
  if (halted !== null) return { word: 'halted', time: halted };
  if (ends === null) return { word: 'under way', time: null };
  return { word: now >= ends ? 'over' : 'until', time: ends };
}

/** Why there is nothing to read, where no time to come is named. */
export function unreadText(report: Pick<ExperimentReport, 'measured' | 'ended' | 'halted' | 'ends' | 'now'>): string {
  const { measured } = report;
  if (measured) return measured.isCut ? 'CloudWatch keeps it no longer' : 'it ended before a span was over';
  const isToCome = ['until', 'under way'].includes(planState(report).word);
  return isToCome ? 'the candidate is not served yet' : 'the candidate was never served';
}

/** What the numbers do not say by themselves. */
export function readoutNotes(report: ExperimentReport): string[] {
  const { measured, metrics, repeats, slow, uses } = report;
  const counted = metrics.some(({ candidate, stable }) => candidate.n + stable.n > 0);
  return [
    ...(measured?.isCut && measured.until !== null
      ? [
          'CloudWatch keeps spans of this length no longer: what was before is left out, so that what is said holds for this look only; the next one begins with later spans',
        ]
      : []),
    ...(uses && !counted
      ? [
          'nothing was counted: the client counts first uses in run(), where its lines reach CloudWatch Logs, and scores where prompts.score() is called',
        ]
      : []),
    ...(counted && metrics.some(({ verdict }) => verdict === 'open')
      ? ['"not told apart" is not "alike": the true difference may be anywhere between the two numbers']
      : []),
    ...(counted
      ? [
          `slow is not answered within ${slow / 1_000} s, failed uses as well; ${repeats === 1 ? 'each user counts once: where one may count in several processes, or gives several scores, say --repeats N' : `a user may count up to ${repeats} times: counts were divided by that`}`,
        ]
      : []),
  ];
}
