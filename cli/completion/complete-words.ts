import type { Command } from '../command';
import type { RegistryNames } from './registry-names';

/** What stands before the word that is being typed. */
export interface TypedLine {
  readonly command: Command;
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** Of an option's value its name, of an argument its place; null for an option. */
  readonly place: string | number | null;
  readonly current: string;
}

/** Reads a line without judging it. @param words after the command's own name, the last one being typed, perhaps empty */
export function typedLine(commands: readonly Command[], words: readonly string[]): TypedLine | undefined {
  const [name = '', next = '', ...more] = words;
  const found = commands.find((one) => one.name === name);
  const under = found?.subcommands?.find((one) => one.name === `${name} ${next}`);
  const command = under ?? found;
  const rest = under ? more : words.slice(1);
  const current = rest.at(-1);
  if (command === undefined || current === undefined) return undefined;
  const { positionals, options, open } = before(command, rest.slice(0, -1));
  const [flag = '', value] = current.split(/=(.*)/s);
  const joined = value === undefined ? undefined : optionNamed(command, flag);
  if (joined !== undefined) return { command, positionals, options, place: joined, current: value ?? '' };
  const place = open ?? (current.startsWith('-') ? null : positionals.length);
  return { command, positionals, options, place, current };
}

/** What whole words say; `open` is the option whose value comes next. */
function before(command: Command, words: readonly string[]) {
  const positionals: string[] = [];
  const options: Record<string, string> = {};
  let open: string | undefined;
  for (const word of words) {
    const [flag = '', value] = word.split(/=(.*)/s);
    const option = word.startsWith('-') ? optionNamed(command, flag) : undefined;
    if (open !== undefined) {
      options[open] = word;
      open = undefined;
    } else if (option !== undefined && value !== undefined) options[option] = value;
    else if (word.startsWith('-')) open = option;
    else positionals.push(word);
  }
  return { positionals, options, open };
}

/** An option that takes a value, as it is called. */
function optionNamed({ options }: Command, flag: string): string | undefined {
  const found = Object.entries(options).find(([name, { short }]) => flag === `--${name}` || flag === `-${short}`);
  return found?.[1].type === 'string' ? found[0] : undefined;
}

/** What help calls it; the option of a stack by its own name. */
function kindOf({ options, positionals }: Command, place: TypedLine['place']): string | undefined {
  if (typeof place === 'number') return positionals[place]?.replace(/^\[(.*)\]$/, '$1');
  return place === 'stack' ? place : options[place ?? '']?.value;
}

/** Names that may stand where somebody types. */
export function completions(
  { command, positionals, options, place, current }: TypedLine,
  all: readonly RegistryNames[],
) {
  const kind = kindOf(command, place);
  const [promptName = ''] = positionals[0]?.split(/[@:]/) ?? [];
  const chosen = options.stack === undefined ? all : all.filter(({ stack }) => stack === options.stack);
  const prompts = chosen.flatMap((one) => Object.keys(one.prompts));
  const aliasesOf = (prompt: string) =>
    chosen.flatMap(({ prompts: own }) => (Object.hasOwn(own, prompt) ? (own[prompt] ?? []) : []));
  const aliases =
    promptName === '' ? chosen.flatMap((one) => Object.values(one.prompts).flat()) : aliasesOf(promptName);
  const found = names();
  return [...new Set(found)].filter((name) => name.startsWith(current)).sort();

  function names(): readonly string[] {
    if (kind === 'stack') return all.map(({ stack }) => stack);
    if (kind === 'PROMPT') return prompts;
    if (kind === 'ALIAS') return aliases;
    if (kind === 'VERSION' || kind === 'A' || kind === 'B') return aliases.map((alias) => `@${alias}`);
    if (!kind?.startsWith('PROMPT[')) return [];
    const [before = '', reference] = current.split('@');
    return reference === undefined ? prompts : aliasesOf(before).map((alias) => `${before}@${alias}`);
  }
}
