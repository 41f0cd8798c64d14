import type { CheckName, Finding } from '../../core/audit/finding';
import { visibleLine, visibleText } from '../../core/text/visible-text';
import type { ChainHead } from '../../studio/audit-page/audit-log';
import { plural } from '../../studio/plural';
import { timestamp } from '../age';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';
import type { NotRun } from './gather-evidence';

/** What `audit verify` found; `--json` prints it. */
export interface Verification {
  readonly bucket: string;
  /** Null for a ledger that outlived its stack. */
  readonly stack: string | null;
  readonly time: string;
  readonly checks: readonly { readonly check: CheckName; readonly looked: string | null; readonly findings: number }[];
  readonly findings: readonly Finding[];
  readonly notRun: readonly NotRun[];
  readonly heads: readonly ChainHead[];
  /** How to check CloudTrail's own digest chain; null where no trail is known. */
  readonly validateLogs: string | null;
}

export function verifyText(verification: Verification, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { checks, findings, notRun, heads, stack, bucket, validateLogs } = verification;
  const bad = findings.filter(({ level }) => level === 'finding');
  const notes = findings.filter(({ level }) => level === 'note');
  const failed = notRun.some((one) => one.failed);
  const verdict =
    bad.length > 0
      ? colors.red(plural(bad.length, 'finding'))
      : failed
        ? colors.yellow('nothing found, but not everything could be looked at')
        : colors.green('nothing found');
  const width = Math.max(...checks.map(({ check }) => check.length));
  const lines = [
    `${colors.bold(stack ?? 'no stack')}  ${verdict}`,
    `${colors.dim('ledger')}  s3://${bucket}`,
    '',
    ...checks.map(({ check, looked, findings: count }) => {
      const sign =
        looked === null ? colors.dim(glyphs.none) : count > 0 ? colors.red(glyphs.bad) : colors.green(glyphs.ok);
      const said =
        looked === null ? colors.dim('not run') : `${looked}${count > 0 ? `: ${plural(count, 'finding')}` : ''}`;
      return `${sign} ${check.padEnd(width)}  ${said}`;
    }),
    ...section(
      'Findings',
      bad.map((finding) => findingText(finding, terminal, colors.red(glyphs.bad))),
      terminal,
    ),
    ...section(
      'Worth knowing',
      notes.map((finding) => findingText(finding, terminal, colors.yellow(glyphs.note))),
      terminal,
    ),
    ...section(
      'Not looked at',
      notRun.map(({ check, why }) => `${colors.yellow(glyphs.note)} ${check}: ${visibleText(why)}`),
      terminal,
    ),
    ...section(
      'Chain heads: noted elsewhere, they show later that no record was taken away',
      heads.map(headText),
      terminal,
    ),
    ...(validateLogs
      ? ['', colors.bold("CloudTrail's own digest chain, which only AWS's keys can check"), validateLogs]
      : []),
  ];
  return wrapLines(lines.join('\n'), terminal.width);
}

function section(title: string, lines: readonly string[], { colors }: Terminal): string[] {
  return lines.length > 0 ? ['', colors.bold(title), ...lines] : [];
}

function findingText({ check, problem, object, message, events }: Finding, { colors }: Terminal, sign: string): string {
  return [
    `${sign} ${colors.bold(problem)}  ${colors.dim(check)}`,
    `  ${visibleLine(object)} ${visibleLine(message)}`,
    ...(events.length > 0 ? [`  ${colors.dim(`event ${events.join(', ')}`)}`] : []),
  ].join('\n');
}

function headText({ prompt, promptId, alias, sequence, digest, time }: ChainHead): string {
  return `${visibleLine(`${prompt} ${alias} (${promptId})`)} #${sequence}${time ? ` of ${timestamp(new Date(time))}` : ''}\n  ${digest ?? 'not readable'}`;
}
