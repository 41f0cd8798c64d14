import { type Command, type CommandOption, REGISTRY_OPTIONS } from './command';
import { EXIT_CODE_MEANINGS } from './exit-code';
import { wrapStyled } from './styled-text';
import type { Terminal } from './terminal';
import { REFERENCE_FORMS } from './version-reference';

const WIDTH = 100;

/** Help on the whole command. */
export function generalHelp(commands: readonly Command[], terminal: Terminal): string {
  const { bold } = terminal.colors;
  return [
    'prompt-registry: see, compare, promote and roll back the prompts of a registry',
    '',
    bold('Usage'),
    '  prompt-registry COMMAND [ARGUMENTS] [OPTIONS]',
    '  prompt-registry help COMMAND',
    '',
    bold('Commands'),
    ...entries(
      commands.map((command) => [[command.name, ...command.positionals].join(' '), command.summary]),
      terminal,
    ),
    '',
    bold('A version is written as'),
    `  ${REFERENCE_FORMS}`,
    '',
    bold('Options of every command that looks at a registry'),
    ...entries(Object.entries(REGISTRY_OPTIONS).map(optionEntry), terminal),
    '',
    bold('Exit codes'),
    ...entries(
      EXIT_CODE_MEANINGS.map(([code, meaning]) => [String(code).padStart(3), meaning]),
      terminal,
    ),
  ].join('\n');
}

/** Help on one command. */
export function commandHelp(command: Command, terminal: Terminal): string {
  const { bold } = terminal.colors;
  const own = Object.entries(command.options).filter(([name]) => !(name in REGISTRY_OPTIONS));
  const common = Object.entries(command.options).filter(([name]) => name in REGISTRY_OPTIONS);
  const heading = (title: string, lines: readonly string[]) => (lines.length > 0 ? ['', bold(title), ...lines] : []);
  return [
    `prompt-registry ${command.name}: ${command.summary}`,
    '',
    bold('Usage'),
    `  ${usage(command)}`,
    ...heading(
      'Details',
      (command.details ?? []).flatMap((text) => paragraph(text, terminal)),
    ),
    ...heading(
      'Commands',
      entries(
        (command.subcommands ?? []).map(({ name, positionals, summary }) => [
          [name, ...positionals].join(' '),
          summary,
        ]),
        terminal,
      ),
    ),
    ...heading('Options', entries([...own, ...common].map(optionEntry), terminal)),
    ...heading(
      'Examples',
      command.examples.map((example) => `  prompt-registry ${example}`),
    ),
  ].join('\n');
}

export function usage({ name, positionals, subcommands }: Command): string {
  if (subcommands) return ['prompt-registry', name, ...positionals, '[ARGUMENTS] [OPTIONS]'].join(' ');
  return ['prompt-registry', name, ...positionals, '[OPTIONS]'].join(' ');
}

function optionEntry([name, { value, description, short }]: [string, CommandOption]): [string, string] {
  return [`${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`, description];
}

function entries(list: readonly (readonly [string, string])[], terminal: Terminal): string[] {
  if (list.length === 0) return [];
  const column = Math.min(Math.max(...list.map(([name]) => name.length)), 34) + 4;
  const width = lineWidth(terminal);
  return list.flatMap(([name, text]) => {
    if (width < 70)
      return [
        `  ${name}`,
        ...wrapStyled(text, width - 6)
          .split('\n')
          .map((line) => `      ${line}`),
      ];
    const lines = wrapStyled(text, width - column).split('\n');
    const first =
      name.length + 4 > column ? [`  ${name}`, ' '.repeat(column) + lines[0]] : [`  ${name}`.padEnd(column) + lines[0]];
    return [...first, ...lines.slice(1).map((line) => ' '.repeat(column) + line)];
  });
}

function paragraph(text: string, terminal: Terminal): string[] {
  return wrapStyled(text, lineWidth(terminal) - 2)
    .split('\n')
    .map((line) => `  ${line}`);
}

function lineWidth({ width }: Terminal): number {
  return Math.min(width, WIDTH);
}
