import { usageError } from '../cli-error';

const HOUR_MS = 3_600_000;
const UNITS: Readonly<Record<string, number>> = {
  m: HOUR_MS / 60,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
  w: 7 * 24 * HOUR_MS,
  y: 365 * 24 * HOUR_MS,
};

/**
 * When a span of time begins: `30m`, `12h`, `30d`, `8w`, `2y` ago, or at a date.
 *
 * @throws CliError for what is neither
 */
export function sinceOf(option: unknown, now: Date, name = '--since'): Date | undefined {
  if (typeof option !== 'string') return undefined;
  const [, count, unit = ''] = /^(\d{1,5})([mhdwy])$/.exec(option) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (UNITS[unit] ?? 0));
  const date = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(option) ? new Date(option) : undefined;
  if (date && !Number.isNaN(date.getTime())) return date;
  throw usageError(
    `${name} ${JSON.stringify(option)} is no span of time`,
    'write 30m, 12h, 30d, 8w, 2y, or a date: 2026-11-22, 2026-11-22T16:30Z',
  );
}
