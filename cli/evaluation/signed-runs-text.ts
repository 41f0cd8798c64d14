import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { measuredText } from '../reviews/measured-run';
import { table } from '../table';
import type { Terminal } from '../terminal';
import type { SignedRun } from './signed-runs';

/** Lines that somebody reads; `--json` has all. */
const MOST = 50;

export function signedRunsText(runs: readonly SignedRun[], terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  if (runs.length === 0) return 'nobody signed a run: prompt-registry evaluate PROMPT --sign GROUP';
  const shown = { 'not worse': colors.green, worse: colors.red, inconclusive: colors.yellow };
  const rows = runs.slice(0, MOST).map((run) => {
    const { time, person, group, alias, version, suite, baseline, verdict } = run;
    return [
      timestamp(new Date(time)),
      `${person} as ${group}`,
      alias,
      String(version ?? glyphs.none),
      baseline === null ? 'nothing' : `${baseline.slice(0, 12)}${glyphs.ellipsis}`,
      `${suite.slice(0, 12)}${glyphs.ellipsis}`,
      shown[verdict](verdict),
      visibleLine(measuredText({ ...run, runs: 1 })),
    ];
  });
  const text = table(['SIGNED', 'BY', 'FOR', 'VERSION', 'AGAINST', 'SUITE', 'VERDICT', 'FIGURES'], rows, terminal);
  const more = runs.length - MOST;
  return more > 0 ? `${text}\n${colors.dim(`${more} older: --json shows them`)}` : text;
}
