import { errorShare, type VersionMetrics } from './version-metrics';

/** `0.5 %`; more digits where there is less. */
export function shareText(metrics: Pick<VersionMetrics, 'uses' | 'errors'>): string {
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

/** `3`, `fallback`. */
export function versionText({ version }: Pick<VersionMetrics, 'version'>): string {
  return version === null ? 'fallback' : String(version);
}
