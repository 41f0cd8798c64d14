import { usageError } from '../cli-error';

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000, y: 365 * 86_400_000 };

/**
 * When a span of time begins: `30d`, `12h`, `8w`, `2y` ago, or at a date.
 *
 * @throws CliError for what is neither
 */
export function sinceOf(option: unknown, now: Date): Date | undefined {
  if (typeof option !== 'string') return undefined;
  const [, count, unit = ''] = /^(\d{1,5})([hdwy])$/.exec(option) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (UNITS[unit] ?? 0));
  const date = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(option) ? new Date(option) : undefined;
  if (date && !Number.isNaN(date.getTime())) return date;
  throw usageError(
    `--since ${JSON.stringify(option)} is no span of time`,
    'write 30d, 12h, 8w, 2y, or a date: 2026-11-22',
  );
}
