import type { PrincipalUse, UsageStanding } from '../../core/audit/prompt-usage';
import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

/** What `audit usage` tells; `--json` prints it. */
export interface AuditUsage {
  readonly prompt: string;
  readonly promptIds: readonly string[];
  readonly since: string;
  readonly time: string;
  /** Log files that were read. */
  readonly files: number;
  /** The most used first. */
  readonly uses: readonly PrincipalUse[];
  readonly notes: readonly string[];
}

const SAID: Readonly<Record<UsageStanding, string>> = {
  callable: '',
  'not callable then': 'no alias allowed it then',
  'never callable': 'no alias ever allowed it',
  draft: 'the draft, which no alias allows',
};

export function usageText({ prompt, uses, notes, since, time, files }: AuditUsage, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const total = uses.reduce((sum, { count }) => sum + count, 0);
  const rows = uses.map(({ principal, version, first, last, count, refused, standing }) => [
    visibleLine(principal.replace(/^arn:[^:]*:(?:iam|sts)::\d{12}:/, '')),
    version === null ? 'draft' : String(version),
    timestamp(new Date(first)),
    timestamp(new Date(last)),
    String(count),
    refused > 0 ? String(refused) : '',
    standing === 'callable' ? '' : colors.red(SAID[standing]),
  ]);
  const headings = ['PRINCIPAL', 'VERSION', 'FIRST', 'LAST', 'COUNT', 'REFUSED', ''];
  return [
    `${colors.bold(visibleLine(prompt))}  ${plural(total, 'call')} by ${plural(new Set(uses.map(({ principal }) => principal)).size, 'principal')}, ${since.slice(0, 10)} to ${time.slice(0, 10)}, ${plural(files, 'log file')}`,
    rows.length > 0 ? table(headings, rows, terminal) : 'nobody rendered it in this time, as far as the trail tells',
    ...notes.map((note) => wrapLines(`${colors.yellow(glyphs.note)} ${note}`, terminal.width)),
  ].join('\n');
}
