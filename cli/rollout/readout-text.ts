import {
  answersText,
  differenceText,
  planState,
  readoutNotes,
  splitFixText,
  splitText,
  unreadText,
  verdictText,
} from '../../core/experiment/readout-text';
import type { ExperimentReport } from '../../core/experiment/report';
import { costOfUseText, durationText, tokensText } from '../../core/metrics/metric-text';
import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

/** First whether it may be believed, then what differs, then what it cost. */
export function readoutText(report: ExperimentReport, terminal: Terminal): string {
  const { colors, glyphs, width } = terminal;
  const { split, isVoid, measured } = report;
  const faulty = split?.isFaulty
    ? [
        colors.red(`${glyphs.bad} void: ${splitText(split)}: no difference says anything`),
        `  ${splitFixText(split, report.repeats)}`,
      ]
    : [];
  const isCounted = split && split.candidate + split.stable > 0;
  const fair = isCounted && !split.isFaulty && measured?.until ? [`  ${splitText(split)}`] : [];
  const notes = readoutNotes(report).map((note) => colors.dim(`  ${visibleLine(note)}`));
  const body = measured?.until ? [metricsTable(report, terminal, isVoid), usesTable(report, terminal)] : [];
  return [
    ...[...faulty, heading(report, terminal), ...spanLine(report), ...fair].map((line) => wrapLines(line, width)),
    ...body.filter((part) => part !== ''),
    ...notes.map((line) => wrapLines(line, width)),
  ].join('\n');
}

function heading(report: ExperimentReport, { colors, glyphs }: Terminal): string {
  const { prompt, alias, stable, candidate, shares } = report;
  const { word, time } = planState(report);
  const said = { until: 'until', over: 'over since', halted: 'halted at', ended: 'ended at', 'under way': 'under way' };
  const state = time === null ? word : `${said[word]} ${at(time)}`;
  const share = shares.map((percent) => String(percent)).join(', ');
  return `${colors.bold(`${prompt} ${alias}`)}  ${stable} ${glyphs.arrow} ${candidate}   ${share} % of the keys, ${state}`;
}

function spanLine(report: ExperimentReport): string[] {
  const { since = '', until = null, next = null, seconds } = report.measured ?? {};
  if (until === null)
    return [next === null ? `  nothing to read: ${unreadText(report)}` : `  nothing to read before ${at(next)}`];
  const spans = seconds === 3_600 ? 'hours' : seconds === 300 ? '5 minutes' : 'minutes';
  return [`  ${at(since)} to ${at(until)}, whole ${spans}`];
}

function metricsTable({ metrics, stable, candidate }: ExperimentReport, terminal: Terminal, isVoid: boolean): string {
  const { colors } = terminal;
  const color = { better: colors.green, worse: colors.red, open: (text: string) => text, nothing: colors.dim };
  const rows = metrics.map((metric) => [
    visibleLine(metric.name),
    answersText(metric.stable),
    answersText(metric.candidate),
    ...(isVoid ? ['', ''] : [differenceText(metric), color[metric.verdict](verdictText(metric))]),
  ]);
  return table(['METRIC', `STABLE ${stable}`, `CANDIDATE ${candidate}`, 'DIFFERENCE', ''], rows, terminal);
}

function usesTable({ uses, stable, candidate }: ExperimentReport, terminal: Terminal): string {
  if (!uses || uses.candidate.uses + uses.stable.uses === 0) return '';
  const rows = ([stable, candidate] as const).map((version, index) => {
    const arm = index === 0 ? uses.stable : uses.candidate;
    return [
      `${version}`,
      arm.uses.toLocaleString('en'),
      durationText(arm.latency),
      tokensText(arm),
      costOfUseText(arm),
    ];
  });
  return table(['VERSION', 'USES', 'LATENCY', 'TOKENS A USE', 'COST A USE'], rows, terminal);
}

function at(time: string): string {
  return timestamp(new Date(time));
}
