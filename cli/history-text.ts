import type { Person } from '../core/audit/release-log';
import type { ChainFinding } from '../core/ledger/chain';
import type { LedgerRecord } from '../core/ledger/record';
import type { RolloutStep } from '../core/ledger/rollout-step';
import { isFound } from '../core/rollout/found-halt';
import { endText, startedRollout, startText } from '../core/rollout/started-rollout';
import { visibleLine } from '../core/text/visible-text';
import { personText } from '../studio/audit-page/person-text';
import { timestamp } from './age';
import { type RegistrySummary, summaryText } from './registry-summary';
import type { VersionComment } from './reviews/comments-on';
import { passedText } from './reviews/passed-text';
import { threadText } from './reviews/thread-text';
import { table } from './table';
import type { Terminal } from './terminal';
import { wrapLines } from './wrap-lines';

export interface AliasHistory {
  readonly prompt: string;
  readonly stack: string;
  readonly alias: string;
  /** Version that the parameter points to, null for none; left out where it may not be read. */
  readonly version?: number | null;
  /** Oldest first. */
  readonly records: readonly LedgerRecord[];
  /** What is wrong with the chain; empty where it holds. */
  readonly findings: readonly ChainFinding[];
  /** Records that a newer version of the command would say more about. */
  readonly notes: readonly ChainFinding[];
  /** Tags of the contents that the alias came to, by digest; left out where there are none, or where nobody looked. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  /** Steps of its rollouts, oldest first, by the sequence number of the record that began each; left out where there are none. */
  readonly steps?: Readonly<Record<number, readonly RolloutStep[]>>;
  /** Who halted a rollout that somebody asked to halt, or may have, by the number of the record that began it; left out where nobody looked. */
  readonly haltedBy?: Readonly<Record<number, Person>>;
  /** On the contents that the alias came to, newest first; left out where nobody looked, or nothing was said. */
  readonly comments?: readonly VersionComment[];
}

/** What of a history is shown. */
export interface HistorySpan {
  readonly since: Date | undefined;
  readonly count: number;
}

/** A record, and whether callers follow it now. */
export interface ShownRecord extends Pick<LedgerRecord, 'time'> {
  readonly record: LedgerRecord;
  readonly isLive: boolean;
  /** Those of the content that it came to. */
  readonly tags?: readonly string[] | undefined;
}

/** One alias's timeline. */
export function historyText(
  { alias, version, records, findings, notes, tags, steps, haltedBy }: AliasHistory,
  { since, count }: HistorySpan,
  terminal: Terminal,
): string {
  const { colors, glyphs } = terminal;
  const chain =
    findings.length === 0
      ? colors.green('chain ok')
      : colors.red(`chain broken: ${findings.length} finding${findings.length === 1 ? '' : 's'}`);
  const newest = records.at(-1);
  const recorded = newest?.to?.version ?? null;
  const rows = [...records]
    .reverse()
    .filter(({ time }) => since === undefined || new Date(time) >= since)
    .slice(0, count)
    .flatMap((record) => {
      const isLive = record === newest && recorded !== null && version === recorded;
      const { operation } = record;
      const row = [
        ...cells({ record, time: record.time, isLive, tags: tags?.[record.to?.digest ?? ''] }, terminal),
        visibleLine(operation ?? ''),
      ];
      return [row, ...stepRows(record, steps?.[record.sequence] ?? [], haltedBy?.[record.sequence], terminal)];
    });
  const none = records.length === 0 || since === undefined ? 'never released' : `no release since ${timestamp(since)}`;
  const differs =
    version !== undefined && version !== recorded
      ? [`${glyphs.bad} the parameter points to ${version ?? 'nothing'}, the newest record to ${recorded ?? 'nothing'}`]
      : [];
  return [
    `${colors.bold(alias)}  ${chain}`,
    ...differs.map((line) => wrapLines(colors.red(line), terminal.width)),
    rows.length > 0 ? table([...HEADINGS, 'OPERATION'], rows, terminal) : none,
    ...findings.map(({ problem, message }) =>
      wrapLines(colors.red(`${glyphs.bad} ${problem}: ${visibleLine(message)}`), terminal.width),
    ),
    ...notes.map(({ message }) => wrapLines(colors.yellow(`${glyphs.note} ${visibleLine(message)}`), terminal.width)),
  ].join('\n');
}

/** The steps that a record allowed, under it, newest first. */
function stepRows(
  { rollout }: LedgerRecord,
  steps: readonly RolloutStep[],
  person: Person | undefined,
  { colors, glyphs }: Terminal,
): string[][] {
  return [...steps].reverse().map((one) => {
    const { kind, step, at, reason, evidence } = one;
    const { n1, k1, n0, k0 } = evidence.errors ?? {};
    const counts = n1 === undefined ? '' : `first uses ${n1} / ${n0}, failed ${k1} / ${k0}`;
    const share = `${rollout?.steps[step] ?? '?'} %`;
    return [
      `  ${glyphs.dot}`,
      timestamp(new Date(at)),
      kind === 'halt' ? colors.red('halt') : 'step',
      kind === 'halt' ? `0 %, was ${share}` : share,
      '',
      visibleLine(askedText(one, person, glyphs.arrow)),
      visibleLine([reason ?? '', counts].filter(Boolean).join('; ')),
      '',
    ];
  });
}

/** Who asked for a step; of a halt that the controller found, who may have. */
function askedText(step: RolloutStep, person: Person | undefined, arrow: string): string {
  if (step.by !== 'request' && (!isFound(step) || person?.end === 'controller')) return '';
  const asked = step.by === 'request' || person?.end === 'one of' ? 'asked for' : 'perhaps asked for';
  return `${asked}, ${person ? `by ${personText(person, arrow)}` : '--trail-bucket tells by whom'}`;
}

/** The timelines of a prompt, and what was said about the versions in them, once. */
export function historiesText(histories: readonly AliasHistory[], span: HistorySpan, terminal: Terminal): string {
  const comments = [...new Set(histories.flatMap((one) => one.comments ?? []))]
    .filter(({ time }) => span.since === undefined || new Date(time) >= span.since)
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  const entries = comments.map((comment) => ({ ...comment, about: `:${comment.version}` }));
  return [...histories.map((one) => historyText(one, span, terminal)), threadText(entries, terminal)]
    .filter(Boolean)
    .join('\n\n');
}

/** The releases of a whole registry, newest first. */
export function timelineText(
  summary: RegistrySummary,
  records: readonly ShownRecord[],
  { since, count }: HistorySpan,
  terminal: Terminal,
): string {
  const rows = records.map((one) => {
    const [number = '', time = '', ...rest] = cells(one, terminal);
    return [time, terminal.colors.bold(visibleLine(one.record.prompt)), visibleLine(one.record.alias), number, ...rest];
  });
  const [, , ...headings] = HEADINGS;
  const none = since === undefined ? 'never released' : `no release since ${timestamp(since)}`;
  return [
    summaryText(summary, terminal),
    rows.length > 0 ? table(['TIME', 'PROMPT', 'ALIAS', '#', ...headings], rows, terminal) : none,
    ...(records.length >= count ? [`${terminal.glyphs.note} the newest ${count}: -n or --since shows others`] : []),
  ].join('\n');
}

const HEADINGS = ['', 'TIME', 'RELEASE', 'VERSION', 'WITHDRAWN', 'CONSENT', 'REASON'];

function cells({ record, isLive, tags = [] }: ShownRecord, { colors, glyphs }: Terminal): string[] {
  const place = (version: LedgerRecord['to']) => String(version?.version ?? glyphs.none);
  const started = startedRollout(record);
  const moved = [place(record.from), glyphs.arrow, place(record.to), ...tags].join(' ');
  const begins = started ? startText(started) : '';
  const move = [moved, begins, record.ended ? endText(record.ended.plan) : ''].filter(Boolean).join(', ');
  return [
    `#${record.sequence}`,
    timestamp(new Date(record.time)),
    record.undo ? colors.yellow(`${record.kind} (undone)`) : record.kind,
    isLive ? `${move} ${colors.green('live')}` : move,
    record.withdrawn.join(', '),
    passedText(record),
    visibleLine(record.reason ?? ''),
  ];
}
