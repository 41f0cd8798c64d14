import { endText } from '../core/models/end-text';
import { DAYS_OF_WARNING } from '../core/models/judge-model';
import type { LockedFacts } from '../core/models/locked-facts';
import { daysUntil } from '../core/models/model-life';
import { age, timestamp } from './age';
import { aliases, type RegistrySummary, summaryText } from './registry-summary';
import type { LetThrough } from './reviews/let-through';
import { passedByText } from './reviews/passed-text';
import type { RequestsField } from './reviews/requests-field';
import { type RunningRollout, runningText } from './rollout/running-rollout';
import { shortGuardrail } from './short-guardrail';
import { table } from './table';
import type { Terminal } from './terminal';

export interface ListedPrompt {
  readonly prompt: string;
  readonly stack: string;
  /** Parameter prefix. */
  readonly registry: string;
  /** Newest of `versions`; null where there is none. */
  readonly newest: number | null;
  /** Those in the archive, or with `--bedrock` those that Bedrock holds. */
  readonly versions: readonly number[];
  readonly withdrawn: readonly number[];
  readonly aliases: readonly ListedAlias[];
}

export interface ListedAlias extends RequestsField, LetThrough {
  readonly alias: string;
  readonly version: number | null;
  /** Content of that version as the newest record has it; null where the record is of another one. */
  readonly digest: string | null;
  /** What is rolled out meanwhile; left out for nothing. */
  readonly rollout?: RunningRollout;
  /** Tags that name it; left out where none does. */
  readonly tags?: readonly string[];
  /** Model of that version, as the record names it; null for a version without one, left out where the record is of another one. */
  readonly model?: string | null;
  /** Null where the lock file does not have that model; left out without a lock file or a model. */
  readonly modelStatus?: LockedFacts['status'];
  /** When it ends, as the lock file says; left out where it tells no end. */
  readonly modelEnds?: string;
  /** What clients are told to name, `arn:…:guardrail/ID:3`; left out for nothing. */
  readonly guardrail?: string;
  /** When its parameter was last written. */
  readonly since: Date | null;
  /** When its newest record or its parameter was written, whichever is later. */
  readonly changed: Date | null;
  /** What callers may use besides. */
  readonly alsoCallable: readonly number[];
  /** Those of them that a rollback left callable. */
  readonly leftOver: readonly number[];
  /** Name of the stack parameter that moves it; null where source does. */
  readonly parameter: string | null;
  /** Name of the SSM parameter that applications read. */
  readonly pointer: string;
  /** How parameter, stack and ledger differ. */
  readonly differences: readonly string[];
}

export interface ListedRegistry {
  readonly summary: RegistrySummary;
  readonly prompts: readonly ListedPrompt[];
}

export interface ListTextOptions {
  /** Only aliases that moved since were looked for. */
  readonly since: Date | undefined;
  readonly now: Date;
  /** Say which SSM parameters applications read. */
  readonly pointers: boolean;
}

/** One registry: how it is in one line, what differs, and where its aliases stand. */
export function listText(
  { summary, prompts }: ListedRegistry,
  { since, now, pointers }: ListTextOptions,
  terminal: Terminal,
): string {
  const moved = prompts.flatMap((prompt) => prompt.aliases).length;
  return [
    summaryText(summary, terminal),
    ...(since ? [`${aliases(moved)} moved since ${timestamp(since)}`] : []),
    ...(prompts.length > 0 ? [promptsTable(prompts, now, terminal)] : []),
    ...(pointers && moved > 0 ? ['', pointersTable(prompts, terminal)] : []),
  ].join('\n');
}

function promptsTable(prompts: readonly ListedPrompt[], now: Date, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const headings = [
    'PROMPT',
    'NEWEST',
    'WITHDRAWN',
    'ALIAS',
    'VERSION',
    'SINCE',
    'ALSO CALLABLE',
    'CONSENT',
    'MODEL ENDS',
  ];
  const rows = prompts.flatMap(({ prompt, newest, withdrawn, aliases: own }) =>
    own.map((alias, index) => [
      ...(index === 0
        ? [
            colors.bold(prompt),
            String(newest ?? glyphs.none),
            withdrawn.length > 0 ? colors.red(withdrawn.join(', ')) : '',
          ]
        : ['', '', '']),
      alias.alias,
      aliasVersion(alias, withdrawn, terminal),
      sinceText(alias, now),
      alias.alsoCallable
        .map((version) =>
          alias.leftOver.includes(version) ? colors.yellow(`${version} (left over)`) : String(version),
        )
        .join(', '),
      consentText(alias),
      modelEndText(alias, now, terminal),
    ]),
  );
  return table(headings, rows, terminal);
}

/** Apart from the others, which it would make too wide for a terminal. */
function pointersTable(prompts: readonly ListedPrompt[], terminal: Terminal): string {
  const aliases = prompts.flatMap(({ aliases: own }) => own);
  const isGuarded = aliases.some(({ guardrail }) => guardrail !== undefined);
  const rows = aliases.map(({ alias, pointer, guardrail }) => [
    ...[alias, pointer],
    ...(isGuarded ? [shortGuardrail(guardrail)] : []),
  ]);
  return table(['ALIAS', 'READ AT', ...(isGuarded ? ['GUARDRAIL'] : [])], rows, terminal);
}

function sinceText({ version, since }: ListedAlias, now: Date): string {
  return version !== null && since ? age(since, now) : '';
}

function consentText({ passed }: LetThrough): string {
  return passed ? passedByText(passed) : '';
}

/** Yellow where synthesis would warn of it. */
function modelEndText({ modelEnds, modelStatus }: ListedAlias, now: Date, { colors }: Terminal): string {
  if (modelStatus === null) return colors.yellow('unknown');
  if (modelEnds === undefined) return '';
  const days = daysUntil(modelEnds, now);
  const text = endText({ end: modelEnds, days, successor: null });
  if (days <= 0) return colors.red(text);
  return days <= DAYS_OF_WARNING ? colors.yellow(text) : text;
}

function aliasVersion(
  { version, tags = [], rollout, differences }: ListedAlias,
  withdrawn: readonly number[],
  { colors, glyphs }: Terminal,
): string {
  const stands = [String(version ?? glyphs.none), ...tags].join(' ');
  const text = rollout ? `${stands}, ${runningText(rollout)}` : stands;
  if (version !== null && withdrawn.includes(version)) return colors.red(`${text} (withdrawn)`);
  if (differences.length > 0) return colors.red(text);
  return version === null ? text : colors.bold(text);
}
