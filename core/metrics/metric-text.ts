import { errorShare, type ScoreMetrics, type VersionMetrics } from './version-metrics';

/** `0.5 %`; more digits where there is less, and empty where nothing was used. */
export function shareText(metrics: Pick<VersionMetrics, 'uses' | 'errors'>): string {
  if (metrics.uses === 0) return '';
  const share = errorShare(metrics) * 100;
  return `${share === 0 ? '0' : share < 1 ? share.toFixed(2) : share.toFixed(1)} %`;
}

/** `840 ms`, `1.9 s`; empty without a figure. */
export function durationText(milliseconds: number | null): string {
  if (milliseconds === null) return '';
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** `812 / 140`: tokens in and out of a use that got an answer; empty without one. */
export function tokensText({
  uses,
  errors,
  inputTokens,
  outputTokens,
}: Pick<VersionMetrics, 'uses' | 'errors' | 'inputTokens' | 'outputTokens'>): string {
  const answered = uses - errors;
  if (answered <= 0 || inputTokens + outputTokens === 0) return '';
  return `${Math.round(inputTokens / answered)} / ${Math.round(outputTokens / answered)}`;
}

/** `$0.0021`, of a use whose price was known; empty without one. */
export function costOfUseText({ cost, pricedUses }: Pick<VersionMetrics, 'cost' | 'pricedUses'>): string {
  return cost === null ? '' : dollars(cost / pricedUses, 4);
}

/** `$12.30`; empty where no price was known. */
export function costText({ cost }: Pick<VersionMetrics, 'cost'>): string {
  return cost === null ? '' : dollars(cost, 2);
}

/** More digits where there is less. */
function dollars(amount: number, digits: number): string {
  return `$${amount.toFixed(amount > 0 && amount < 10 ** -digits ? digits + 2 : digits)}`;
}

/** `843 of 1,204`. */
export function answersText({ yes, answers }: ScoreMetrics): string {
  return `${yes.toLocaleString('en')} of ${answers.toLocaleString('en')}`;
}

/** `70.0 %`: those who said yes. */
export function yesShareText({ yes, answers }: ScoreMetrics): string {
  return shareText({ uses: answers, errors: yes });
}

/** Why scores are missing that there are. */
export const SCORES_NOT_READ =
  'scores are not shown: with them there are more metrics than CloudWatch gives in one answer; ask for one alias, or count fewer names';

/** `3`, `fallback`. */
export function versionText({ version }: Pick<VersionMetrics, 'version'>): string {
  return version === null ? 'fallback' : String(version);
}
