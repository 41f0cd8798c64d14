import type { UnmanagedCall, UnmanagedKind } from '../../core/audit/unmanaged-calls';
import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

/** What `audit usage --unmanaged` tells; `--json` prints it. */
export interface UnmanagedUsage {
  readonly since: string;
  readonly time: string;
  /** Log files that were read. */
  readonly files: number;
  /** Names of those who hold a policy of callers now. */
  readonly holders: readonly string[];
  /** How many calls of theirs were looked at. */
  readonly looked: number;
  /** The most frequent first. */
  readonly calls: readonly UnmanagedCall[];
  readonly notes: readonly string[];
}

const SAID: Readonly<Record<UnmanagedKind, string>> = {
  model: 'no prompt',
  draft: 'a draft',
  version: 'no alias allowed it then',
  'other prompt': 'a prompt of no alias here',
};

export function unmanagedText(
  { calls, notes, since, time, files, holders, looked }: UnmanagedUsage,
  terminal: Terminal,
) {
  const { colors, glyphs } = terminal;
  const total = calls.reduce((sum, { count, refused }) => sum + count + refused, 0);
  const rows = calls.map(({ principal, modelId, kind, first, last, count, refused }) => [
    visibleLine(principal.replace(/^arn:[^:]*:(?:iam|sts)::\d{12}:/, '')),
    visibleLine(modelId),
    timestamp(new Date(first)),
    timestamp(new Date(last)),
    String(count),
    refused > 0 ? String(refused) : '',
    colors.red(SAID[kind]),
  ]);
  const span = `${since.slice(0, 10)} to ${time.slice(0, 10)}, ${plural(files, 'log file')}`;
  return [
    `${plural(total, 'call')} past the registry, of ${looked} by ${plural(holders.length, 'caller')}, ${span}`,
    rows.length > 0
      ? table(['PRINCIPAL', 'MODEL', 'FIRST', 'LAST', 'COUNT', 'REFUSED', ''], rows, terminal)
      : 'every call named a version that was callable then',
    ...notes.map((note) => wrapLines(`${colors.yellow(glyphs.note)} ${note}`, terminal.width)),
  ].join('\n');
}
