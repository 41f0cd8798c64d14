import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';
import type { RolloutReading } from './read-rollout';
import { rolloutState } from './rollout-state';

/** `3 → 4   25 % since …, 50 % not before …   first uses 1,204 / 3,611   errors 0.4 % / 0.5 %   not worse` */
export function rolloutText(reading: RolloutReading, now: Date, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { prompt, alias, stable, rollout, notes } = reading;
  const name = colors.bold(`${prompt} ${alias}`);
  if (rollout === null) return `${name}  ${stable ?? glyphs.none}, no rollout`;
  const { candidate } = rollout;
  const lines = [
    `${name}  ${stable ?? glyphs.none} ${glyphs.arrow} ${candidate.version}   ${progressText(reading, now, terminal)}`,
    ...[countsText(reading, terminal)].filter(Boolean).map((line) => `  ${line}`),
    ...nextText(reading, now).map((line) => `  ${line}`),
    ...notes.map((note) => `  ${colors.yellow(`${glyphs.note} ${visibleLine(note)}`)}`),
  ];
  return lines.map((line) => wrapLines(line, terminal.width)).join('\n');
}

function progressText(reading: RolloutReading, now: Date, { colors }: Terminal): string {
  const state = rolloutState(reading, now);
  switch (state.state) {
    case 'halted':
      return colors.red(
        `halted at ${timestamp(new Date(state.at))}: ${visibleLine(state.reason ?? 'no reason given')}`,
      );
    case 'waiting':
      return reading.held === undefined ? 'begins with the next minute' : '0 %: does not begin yet';
    case 'over':
      return `over since ${timestamp(new Date(state.ends))}, everybody gets ${reading.stable}`;
    case 'lost':
      return colors.yellow(
        state.until === undefined
          ? '0 %: the controller does not come'
          : `0 % since ${timestamp(new Date(state.until))}: the controller is not there`,
      );
    case 'step': {
      // A step is recorded before it is served.
      const word = Date.parse(state.at) > now.getTime() ? 'from' : 'since';
      const since = `${state.share} % ${word} ${timestamp(new Date(state.at))}`;
      if (state.ends !== undefined) return `${since}, until ${timestamp(new Date(state.ends))}`;
      if (state.next === undefined) return `${since}, the last step`;
      return `${since}, ${state.next} % not before ${timestamp(new Date(state.notBefore))}`;
    }
  }
}

function countsText({ verdict }: RolloutReading, { colors }: Terminal): string {
  const errors = verdict?.evidence.errors;
  if (!errors) return '';
  const { n1, k1, n0, k0 } = errors;
  const share = (failed: number, uses: number) => (uses === 0 ? '–' : `${((failed / uses) * 100).toFixed(1)} %`);
  const said = verdict.halt === undefined ? 'not worse' : colors.red('worse');
  const number = (count: number) => count.toLocaleString('en');
  return `first uses ${number(n1)} / ${number(n0)}   errors ${share(k1, n1)} / ${share(k0, n0)}   ${said}`;
}

/** What it waits for, and how it ends. */
function nextText(reading: RolloutReading, now: Date): string[] {
  const { prompt, alias, stable, rollout, verdict, held } = reading;
  const state = rolloutState(reading, now);
  const name = `${prompt} ${alias}`;
  if (state.state === 'halted') {
    return [`everybody gets ${stable}; end it: prompt-registry rollback ${name}`];
  }
  const compares = `compare both: prompt-registry rollout readout ${name}`;
  const settles = `prompt-registry promote ${name} --to :${rollout?.candidate.version}`;
  if (state.state === 'over') {
    return [compares, `settle it: ${settles}; end it: prompt-registry rollback ${name}`];
  }
  if (state.state === 'lost') {
    return [
      `everybody gets ${stable} until the controller is there: see its log, or end it: prompt-registry rollback ${name}`,
    ];
  }
  const waits = [...(state.state === 'waiting' ? [held ?? ''] : []), ...(verdict?.wait ?? [])]
    .filter(Boolean)
    .map((one) => `waits: ${visibleLine(one)}`);
  if (state.state === 'step' && state.next === undefined && state.ends === undefined) {
    waits.push(`stays until somebody settles it: ${settles}`);
  }
  if (state.state === 'step' && state.ends !== undefined) {
    waits.push(
      compares,
      `everybody gets ${stable} from then on; to settle or end it before stops the comparison early`,
    );
  }
  return waits;
}
