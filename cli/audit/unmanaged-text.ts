import type { LoggedEvidence } from '../../core/audit/logged-usage';
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
  /** Where the trail's files are; null where nobody named them. */
  readonly trail: string | null;
  /** Log files that were read. */
  readonly files: number;
  /** Names of those who hold a policy of callers now. */
  readonly holders: readonly string[];
  /** How many calls of theirs were looked at. */
  readonly looked: number;
  /** The most frequent first. */
  readonly calls: readonly UnmanagedCall[];
  readonly notes: readonly string[];
  /** What stands behind released prompts, where the group of Bedrock's invocation logs was named. */
  readonly logged?: LoggedEvidence;
}

const SAID: Readonly<Record<UnmanagedKind, string>> = {
  model: 'no prompt',
  draft: 'a draft',
  version: 'no alias allowed it then',
  'other prompt': 'a prompt of no alias here',
};

export function unmanagedText(usage: UnmanagedUsage, terminal: Terminal): string {
  const { notes, trail, logged } = usage;
  const { colors, glyphs } = terminal;
  return [
    ...(trail === null ? [] : [trailText(usage, terminal)]),
    ...(logged ? [loggedText(usage, logged, terminal)] : []),
    notes.map((note) => wrapLines(`${colors.yellow(glyphs.note)} ${visibleLine(note)}`, terminal.width)).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function trailText({ calls, since, time, files, holders, looked }: UnmanagedUsage, terminal: Terminal): string {
  const { colors } = terminal;
  const total = calls.reduce((sum, { count, refused }) => sum + count + refused, 0);
  const rows = calls.map(({ principal, modelId, kind, first, last, count, refused }) => [
    shortName(principal),
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
  ].join('\n');
}

function loggedText({ since, time, holders }: UnmanagedUsage, logged: LoggedEvidence, terminal: Terminal): string {
  const { colors } = terminal;
  const { added, untold, looked, asReleased, group } = logged;
  const rows = [
    ...added.map((call) => [call, colors.red(`added: ${call.what.join(', ')}`)] as const),
    ...untold.map((call) => [call, colors.yellow(`cannot tell: ${call.why}`)] as const),
  ].map(([{ principal, prompt, version, first, last, count, ...more }, said]) => [
    shortName(principal),
    visibleLine(version === null ? String('modelId' in more ? more.modelId : '') : `${prompt}:${version}`),
    timestamp(new Date(first)),
    timestamp(new Date(last)),
    String(count),
    said,
  ]);
  const sum = (calls: readonly { count: number }[]) => calls.reduce((all, { count }) => all + count, 0);
  const span = `${since.slice(0, 10)} to ${time.slice(0, 10)}, ${visibleLine(group)}`;
  return [
    `${plural(sum(added), 'call')} with more than the released version, ${sum(untold)} that cannot be told, ${asReleased} as released, of ${looked} by ${plural(holders.length, 'caller')}, ${span}`,
    rows.length > 0
      ? table(['PRINCIPAL', 'VERSION', 'FIRST', 'LAST', 'COUNT', ''], rows, terminal)
      : 'every call held what was released, and nothing else',
  ].join('\n');
}

/** What a reader of invocation logs has to know of them. */
export function loggedNotes({ group, looked, others, unread }: LoggedEvidence): string[] {
  return [
    ...(looked === 0
      ? [`${group} has no call of a holder in this time: does Bedrock's model invocation logging write to it?`]
      : []),
    ...(others > 0 ? [`${plural(others, 'event')} of ${group} ${others === 1 ? 'is' : 'are'} no invocation log`] : []),
    ...unread.map(({ why, count }) => `${plural(count, 'large request')} could not be read: ${why}`),
  ];
}

function shortName(principal: string): string {
  return visibleLine(principal.replace(/^arn:[^:]*:(?:iam|sts)::\d{12}:/, ''));
}
