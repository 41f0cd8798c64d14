import { wrapLines } from '../../cli/wrap-lines';
import type { Answer, LiveCheck, Question } from './check';
import { type LeftOver, LOOKED_FOR } from './left-over';
import type { LiveAccount } from './live-account';
import type { LiveNames } from './live-names';

export interface CheckReport {
  readonly number: number;
  readonly title: string;
  readonly seconds: number;
  readonly answers: readonly (Question & Answer)[];
  readonly facts: readonly string[];
}

export interface LiveReport {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly principal: string;
  /** Where the requests went. */
  readonly endpoints: readonly string[];
  /** Whether all of them went to AWS itself: else this says nothing about AWS. */
  readonly isAws: boolean;
  readonly started: string;
  readonly interrupted: boolean;
  readonly checks: readonly CheckReport[];
  readonly removed: readonly string[];
  readonly left: readonly LeftOver[];
}

const WIDTH = 110;

/** The lines that say where this runs, and as whom. */
export function placeLines({ account, region, principal, isAws, hosts }: LiveAccount): string[] {
  const where = isAws
    ? 'AWS'
    : `${[...hosts].filter((host) => !/amazonaws/.test(host)).join(', ')}: NOT AWS. What follows is what that endpoint does, and says nothing about AWS`;
  return [`endpoint  ${where}`, `account   ${account} in ${region}`, `as        ${principal}`];
}

/** What a run is about to create, and what of that costs. */
export function announcement(names: LiveNames, checks: readonly LiveCheck[]): string[] {
  const needsRegistry = checks.some((check) => check.needsRegistry);
  const registry = [
    `stacks ${names.registryStack} and ${names.consumerStack}: a bucket, 4 functions, 3 roles, 2 managed policies, 4 log groups, 2 parameters,`,
    `  and the prompt ${names.prompt()} with up to 5 versions`,
  ];
  const makes = checks.flatMap(({ number, makes: own }) => own.map((text) => `check ${number}: ${text}`));
  return [
    `This creates, everything with ${names.id} in its name:`,
    ...[...(needsRegistry ? registry : []), ...makes].map((line) => `  ${line}`),
    'and removes it at the end, also after a failure or Ctrl-C. It costs cents at most.',
    ...(needsRegistry ? ['Assets stay in the bucket of the CDK’s bootstrap stack, as after every cdk deploy.'] : []),
  ];
}

export function checkLines({ number, title, seconds, answers, facts }: CheckReport): string[] {
  const head = `${number}  ${title}`;
  return [
    `${head.padEnd(WIDTH - 8)}${seconds.toFixed(1).padStart(6)} s`,
    ...answers.flatMap(({ asks, assumed, seen, verdict, concerns, otherwise }) => [
      '',
      ...labelled('question', [asks]),
      ...labelled('seen', seen),
      ...labelled('assumed', [assumed]),
      ...(verdict === 'differs'
        ? [...labelled('DIFFERS', [`concerns ${concerns}`, `what breaks: ${otherwise}`])]
        : [`   ${verdict}`]),
    ]),
    ...(facts.length > 0 ? ['', ...labelled('also seen', facts)] : []),
    '',
  ];
}

export function removalLines({ removed, left }: Pick<LiveReport, 'removed' | 'left'>, again: string): string[] {
  return [
    ...labelled('removed', removed.length > 0 ? removed : ['nothing: there was nothing']),
    ...(left.length === 0
      ? [`Nothing is left. Looked for ${LOOKED_FOR}.`]
      : [
          `LEFT: ${left.length}`,
          ...left.flatMap(({ what, name, why, command }) => [
            `  ${what} ${name}`.trimEnd(),
            ...(why ? [`    why     ${why}`] : []),
            `    command ${command}`,
          ]),
          `All of it at once, as far as it can be: ${again}`,
        ]),
  ];
}

export function summary({ checks, isAws, interrupted }: LiveReport): string {
  const verdicts = checks.flatMap(({ answers }) => answers.map(({ verdict }) => verdict));
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  const what = `${verdicts.length} questions: ${count('holds')} hold, ${count('differs')} differ, ${count('could not tell')} could not be told`;
  return `${what}${interrupted ? '; interrupted' : ''}${isAws ? '' : '; not AWS'}.`;
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.flatMap((line, index) =>
    wrapLines(`${' '.repeat(14)}${line}`, WIDTH)
      .split('\n')
      .map((part, row) => (index + row === 0 ? `   ${label.padEnd(11)}${part.slice(14)}` : part)),
  );
}
