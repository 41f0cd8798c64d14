import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { terminalDiff } from '../diff/terminal-diff';
import { lengthText } from '../length-text';
import { type Consent, consentText } from '../reviews/consent';
import { wrapStyled } from '../styled-text';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';
import type { RunningSplit } from './release-change';
import type { ReleaseEffect } from './release-effect';
import type { PlannedRelease, PlannedRollout } from './release-plan';
import { alarmNames } from './release-watch';

/** A planned release for somebody who decides on it. */
export function planText(plan: PlannedRelease, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { from, to, variables, model, callable, withdrawn } = plan;
  const place = (version: number | null) => String(version ?? glyphs.none);
  const move = (before: string, after: string) => (before === after ? before : `${before} ${glyphs.arrow} ${after}`);
  const versions = (list: readonly number[]) => list.join(', ') || glyphs.none;
  const notes = [
    ...variableNotes(variables, terminal),
    ...(withdrawn.after.length > withdrawn.before.length
      ? [colors.yellow('callers that still use a withdrawn version get 403 as soon as IAM has spread it')]
      : []),
    ...plan.stranded.map((name) =>
      colors.red(`${name} stands on a version that is withdrawn: its callers get 403 until it moves`),
    ),
  ];
  const facts: [string, string][] = [
    ['alias', `${plan.prompt} ${plan.alias}  ${colors.bold(move(place(from), place(to)))}`],
    ...(plan.rollout ? [['rollout', rolloutRow(plan.rollout)] as [string, string]] : []),
    ['model', modelText(model, terminal)],
    ['variables', notes.slice(0, variables.added.length + variables.removed.length).join('; ') || 'as before'],
    ['callable', move(versions(callable.before), versions(callable.after))],
    ['withdrawn', move(versions(withdrawn.before), versions(withdrawn.after))],
    ['callers', callersText(plan.callers)],
    ...(plan.reason === null ? [] : [['reason', visibleLine(plan.reason)] as [string, string]]),
    ...(plan.consent ? [['consent', consentRow(plan.consent, terminal)] as [string, string]] : []),
    ...(plan.carried === undefined ? [] : [['consent', carriedText(plan.carried)] as [string, string]]),
    ...(plan.back === undefined ? [] : [['consent', backText(plan.back)] as [string, string]]),
    ...watchFacts(plan),
    ['touches', `${plan.touches.length === 1 ? 'this alias only' : plan.touches.join(', ')}, in stack ${plan.stack}`],
  ];
  const width = Math.max(...facts.map(([title]) => title.length));
  return [
    terminalDiff(plan.diff, terminal),
    '',
    ...facts.map(([title, value]) => `${colors.dim(title.padEnd(width))}  ${hanging(value, width + 2, terminal)}`),
    ...notes
      .slice(variables.added.length + variables.removed.length)
      .map((note) => wrapLines(`${glyphs.note} ${note}`, terminal.width)),
  ].join('\n');
}

/** What callers must supply from then on, and need no longer. */
export function variableNotes(
  { added, removed }: ReleaseEffect['variables'],
  { colors }: Pick<Terminal, 'colors'>,
): string[] {
  return [
    ...added.map((name) => colors.yellow(`callers must now supply ${name}`)),
    ...removed.map((name) => `callers need no longer supply ${name}`),
  ];
}

export function modelText({ from, to }: ReleaseEffect['model'], { glyphs }: Pick<Terminal, 'glyphs'>): string {
  return from === to ? (to ?? glyphs.none) : `${from ?? glyphs.none} ${glyphs.arrow} ${to ?? glyphs.none}`;
}

function watchFacts({ watch, unwatched = [] }: PlannedRelease): [string, string][] {
  if (watch)
    return [['watched', `by ${alarmNames(watch)} until ${watch.minutes} min after; it goes back if one rings`]];
  const names = unwatched.map(visibleLine).join(', ');
  return unwatched.length > 0 ? [['watched', `no more by ${names}, as the operation before was`]] : [];
}

/** Of a return, for which no gate is asked. */
export function backText(record: number): string {
  return `back to #${record}, asks nobody`;
}

/** Of a settled rollout, for which nobody is asked again. */
export function carriedText(record: number): string {
  return `agreed at the start of the rollout, #${record}`;
}

function rolloutRow({ change, candidate, steps, for: seconds, split, halted }: PlannedRollout): string {
  const share = `${steps.join(', ')} %`;
  const begins =
    seconds === undefined
      ? `${candidate} for ${share} of the keys, one step after the other`
      : `${candidate} to ${share === '50 %' ? 'half' : share} of the keys for ${lengthText(seconds)}, then to nobody until it is settled`;
  const texts: Record<PlannedRollout['change'], string> = {
    start: `begins: ${begins}`,
    replace: `another one begins: ${begins}`,
    settle: `settled: ${candidate} for everybody${halted ? ', though it was halted' : ''}`,
    end: `of ${candidate} ends: nobody gets it any more`,
  };
  return [texts[change], ...(split ? [splitText(split)] : [])].join('; ');
}

/** An answer that somebody waited for, or does not wait for any more. */
function splitText({ candidate, ends, over }: RunningSplit): string {
  const time = timestamp(new Date(ends));
  return over
    ? `the split of ${candidate} is over since ${time}`
    : `the split of ${candidate} would end at ${time}: this stops the comparison early`;
}

function consentRow(consent: Consent, { colors }: Terminal): string {
  const missing = consent.missing.map(({ message }) => colors.yellow(`missing: ${visibleLine(message)}`));
  const notes = (consent.warnings ?? []).map((warning) => colors.yellow(visibleLine(warning)));
  return [consentText(consent), ...missing, ...notes].filter(Boolean).join('; ');
}

export function callersText(callers: ReleaseEffect['callers']): string {
  if (callers === null) return 'not readable: iam:ListEntitiesForPolicy is not allowed to you';
  return callers.join(', ') || 'nobody holds the policy yet';
}

/** A value whose further lines stand under its first one. */
export function hanging(text: string, indent: number, { width }: Terminal): string {
  if (!Number.isFinite(width)) return text;
  return wrapStyled(text, Math.max(width - indent, 20), { hard: true }).replaceAll('\n', `\n${' '.repeat(indent)}`);
}
