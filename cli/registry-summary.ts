import { visibleLine } from '../core/text/visible-text';
import { plural } from '../studio/plural';
import type { RegistryOverview } from './registry-overview';
import { isAtWork } from './release/stack-readiness';
import { waitingLines } from './reviews/waiting-lines';
import type { WaitingRequests } from './reviews/waiting-requests';
import { busyText } from './stack-busy';
import type { Terminal } from './terminal';
import { wrapLines } from './wrap-lines';

/** A registry in a few lines. */
export interface RegistrySummary {
  readonly stack: string;
  /** `UPDATE_COMPLETE`, … */
  readonly stackStatus: string;
  /** How many were looked at. */
  readonly count: { readonly prompts: number; readonly aliases: number };
  readonly differences: readonly AliasDifference[];
  /** Parts that could not be read, and why. */
  readonly unread: readonly string[];
  /** What somebody asks for, where that was looked at. */
  readonly waiting?: WaitingRequests;
}

export interface AliasDifference {
  readonly prompt: string;
  readonly alias: string;
  readonly difference: string;
}

export function registrySummary({ stack, prompts, unread }: RegistryOverview): RegistrySummary {
  return {
    stack: stack.stackName,
    stackStatus: stack.status,
    count: { prompts: prompts.length, aliases: prompts.flatMap(({ aliases }) => aliases).length },
    differences: prompts.flatMap(({ promptName: prompt, aliases }) =>
      aliases.flatMap(({ alias: { aliasName: alias }, differences }) =>
        differences.map((difference) => ({ prompt, alias, difference })),
      ),
    ),
    unread,
  };
}

/** One green, yellow or red line; then what differs, and what could not be read. */
export function summaryText(summary: RegistrySummary, terminal: Terminal): string {
  const { colors, glyphs, width } = terminal;
  const { differences, unread, waiting } = summary;
  const lines = [...unread, ...(waiting ? waitingLines(waiting, terminal) : [])];
  return [
    wrapLines(summaryLine(summary, terminal), width),
    ...differences.map(({ prompt, alias, difference }) =>
      wrapLines(`  ${colors.red(`${glyphs.bad} ${prompt} ${alias}: ${visibleLine(difference)}`)}`, width),
    ),
    ...lines.map((part) => wrapLines(`  ${colors.yellow(glyphs.note)} ${visibleLine(part)}`, width)),
  ].join('\n');
}

/** Tells on standard error what `--json` has no place for: parts that could not be read. */
export function noticeUnread(stackName: string, unread: readonly string[], terminal: Terminal): void {
  for (const part of unread) terminal.notice(`${terminal.glyphs.note} ${stackName}: ${part}`);
}

function summaryLine(
  { stack, stackStatus, count, differences, unread }: RegistrySummary,
  { colors, glyphs }: Terminal,
) {
  const name = colors.bold(stack);
  const what = `${plural(count.prompts, 'prompt')}, ${aliases(count.aliases)}`;
  const differing = new Set(differences.map(({ prompt, alias }) => `${prompt}/${alias}`)).size;
  if (differing > 0)
    return colors.red(`${glyphs.bad} ${name}  ${what}: ${differing} ${differing === 1 ? 'differs' : 'differ'}`);
  const busy = busyText(stackStatus);
  if (busy !== undefined) {
    const [color, glyph] = isAtWork({ status: stackStatus }) ? [colors.yellow, glyphs.note] : [colors.red, glyphs.bad];
    return color(`${glyph} ${name}  ${stackStatus}: ${busy}`);
  }
  if (unread.length > 0) return colors.yellow(`${glyphs.note} ${name}  ${what}: not all could be read`);
  return colors.green(`${glyphs.ok} ${name}  ${what}: parameters, stack and ledger agree`);
}

/** `1 alias`, `2 aliases`. */
export function aliases(count: number): string {
  return `${count} ${count === 1 ? 'alias' : 'aliases'}`;
}
