import { visibleLine } from '../core/text/visible-text';
import { plural } from '../studio/plural';
import { age, timestamp } from './age';
import { isAtWork } from './release/stack-readiness';
import { busyText } from './stack-busy';
import { table } from './table';
import type { Terminal } from './terminal';
import { wrapLines } from './wrap-lines';

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

export interface ListedAlias {
  readonly alias: string;
  readonly version: number | null;
  /** Content of that version as the newest record has it; null where the record is of another one. */
  readonly digest: string | null;
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
  /** How parameter, stack and ledger differ. */
  readonly differences: readonly string[];
}

export interface ListedRegistry {
  readonly stack: string;
  /** `UPDATE_COMPLETE`, … */
  readonly stackStatus: string;
  /** All prompts of the registry, whichever are listed. */
  readonly names: readonly string[];
  /** How many aliases were looked at. */
  readonly aliases: number;
  readonly prompts: readonly ListedPrompt[];
  readonly differences: readonly { readonly prompt: string; readonly alias: string; readonly difference: string }[];
  /** Parts that could not be read, and why. */
  readonly unread: readonly string[];
}

/** One registry: how it is in one line, what differs, and where its aliases stand. */
export function listText(registry: ListedRegistry, since: Date | undefined, terminal: Terminal, now: Date): string {
  const { colors, glyphs } = terminal;
  const { prompts, differences, unread } = registry;
  const moved = prompts.reduce((sum, { aliases }) => sum + aliases.length, 0);
  return [
    wrapLines(registryLine(registry, terminal), terminal.width),
    ...differences.map(({ prompt, alias, difference }) =>
      wrapLines(`  ${colors.red(`${glyphs.bad} ${prompt} ${alias}: ${visibleLine(difference)}`)}`, terminal.width),
    ),
    ...unread.map((part) => wrapLines(`  ${colors.yellow(glyphs.note)} ${visibleLine(part)}`, terminal.width)),
    ...(since ? [`${plural(moved, 'alias').replace('aliass', 'aliases')} moved since ${timestamp(since)}`] : []),
    ...(prompts.length > 0 ? [promptsTable(prompts, terminal, now)] : []),
  ].join('\n');
}

function registryLine(
  { stack, stackStatus, prompts, names, aliases, differences, unread }: ListedRegistry,
  terminal: Terminal,
) {
  const { colors, glyphs } = terminal;
  const what = `${plural(prompts.length === 1 ? 1 : names.length, 'prompt')}, ${aliases} ${aliases === 1 ? 'alias' : 'aliases'}`;
  const busy = busyText(stackStatus);
  const differing = new Set(differences.map(({ prompt, alias }) => `${prompt}/${alias}`)).size;
  if (differing > 0)
    return colors.red(
      `${glyphs.bad} ${colors.bold(stack)}  ${what}: ${differing} ${differing === 1 ? 'differs' : 'differ'}`,
    );
  if (busy !== undefined) {
    const color = isAtWork({ status: stackStatus }) ? colors.yellow : colors.red;
    return color(
      `${isAtWork({ status: stackStatus }) ? glyphs.note : glyphs.bad} ${colors.bold(stack)}  ${stackStatus}: ${busy}`,
    );
  }
  if (unread.length > 0) return colors.yellow(`${glyphs.note} ${colors.bold(stack)}  ${what}: not all could be read`);
  return colors.green(`${glyphs.ok} ${colors.bold(stack)}  ${what}: parameters, stack and ledger agree`);
}

function promptsTable(prompts: readonly ListedPrompt[], terminal: Terminal, now: Date): string {
  const { colors, glyphs } = terminal;
  const headings = ['PROMPT', 'NEWEST', 'WITHDRAWN', 'ALIAS', 'VERSION', 'SINCE', 'ALSO CALLABLE'];
  const rows = prompts.flatMap(({ prompt, newest, withdrawn, aliases }) =>
    aliases.map((alias, index) => [
      ...(index === 0
        ? [
            colors.bold(prompt),
            String(newest ?? glyphs.none),
            withdrawn.length > 0 ? colors.red(withdrawn.join(', ')) : '',
          ]
        : ['', '', '']),
      alias.alias,
      aliasVersion(alias, withdrawn, terminal),
      alias.version !== null && alias.since ? age(alias.since, now) : '',
      alias.alsoCallable
        .map((version) =>
          alias.leftOver.includes(version) ? colors.yellow(`${version} (left over)`) : String(version),
        )
        .join(', '),
    ]),
  );
  return table(headings, rows, terminal);
}

function aliasVersion(
  { version, differences }: ListedAlias,
  withdrawn: readonly number[],
  { colors, glyphs }: Terminal,
): string {
  const text = String(version ?? glyphs.none);
  if (version !== null && withdrawn.includes(version)) return colors.red(`${text} (withdrawn)`);
  if (differences.length > 0) return colors.red(text);
  return version === null ? text : colors.bold(text);
}
