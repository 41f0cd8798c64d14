import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { explained } from './aws-failure';
import { CliError, usageError } from './cli-error';
import { type Command, type OptionValues, parseArgsOptions } from './command';
import { COMMANDS } from './commands';
import { ExitCode } from './exit-code';
import { commandHelp, generalHelp, usage } from './help';
import { Interruption } from './interruption';
import type { Registry } from './registry';
import { Terminal } from './terminal';

/** Runs the command line of a process and answers its exit code. */
export async function main(process: NodeJS.Process, version: string): Promise<ExitCode> {
  const [name = 'help', ...rest] = process.argv.slice(2);
  const terminal = new Terminal(process);
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.line(version);
    return ExitCode.Done;
  }
  const interruption = new Interruption();
  listenForSignals(process, terminal, interruption);
  try {
    const code = await dispatch(name, rest, terminal, interruption);
    const failure = await terminal.outputFailure();
    if (failure === undefined) return code;
    terminal.notice(
      errorText(new CliError({ what: 'the output could not be written', why: failure.message }), terminal),
    );
    // What was released is released, whether or not somebody could read it.
    return code === ExitCode.Done && !interruption.hasBegun ? ExitCode.Failed : code;
  } catch (error) {
    const failure = explained(error);
    terminal.notice(errorText(failure, terminal));
    if (process.env.PROMPT_REGISTRY_DEBUG) terminal.notice(String((failure.cause as Error)?.stack ?? failure.stack));
    return failure.exitCode;
  }
}

/** Ctrl-C, a hang-up of the terminal and a request to end: all leave the same state, and say so. */
function listenForSignals(process: NodeJS.Process, terminal: Terminal, interruption: Interruption): void {
  const end = () => process.exit(ExitCode.Interrupted);
  let isLeaving = false;
  const leave = () => {
    if (isLeaving) end();
    isLeaving = true;
    interruption
      .interrupt()
      .then((lines) => terminal.notice(`\n${lines.join('\n')}`))
      .finally(end);
  };
  for (const signal of ['SIGINT', 'SIGTERM', ...(ignoresHangUp() ? [] : ['SIGHUP' as const])] as const) {
    process.on(signal, leave);
  }
}

/** Whether `nohup` started the command: a listener of ours would undo that. Only Linux says so. */
function ignoresHangUp(): boolean {
  if (!existsSync('/proc/self/status')) return false;
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${ignored}`) & 1n) === 1n;
}

async function dispatch(
  name: string,
  args: string[],
  terminal: Terminal,
  interruption: Interruption,
): Promise<ExitCode> {
  if (['help', '--help', '-h'].includes(name)) {
    const [topic, under] = args.filter((arg) => !arg.startsWith('-'));
    const text =
      topic === undefined ? generalHelp(COMMANDS, terminal) : commandHelp(commandNamed(topic, under), terminal);
    terminal.line(text);
    return ExitCode.Done;
  }
  const command = commandNamed(name, args[0]);
  const rest = command.name === name ? args : args.slice(1);
  if (args.includes('--help') || args.includes('-h')) {
    terminal.line(commandHelp(command, terminal));
    return ExitCode.Done;
  }
  const { values, positionals } = parse(command, rest);
  let registry: Promise<Registry> | undefined;
  const openRegistry = (promptName?: string) => {
    registry ??= terminal.progress('looking for the registry', () => open(values, promptName));
    return registry;
  };
  const now = () => new Date();
  return command.run({ terminal, positionals, values, interruption, commands: COMMANDS, openRegistry, now });
}

function parse(command: Command, args: string[]) {
  const { positionals: names } = command;
  try {
    const parsed = parseArgs({
      args,
      options: parseArgsOptions(command.options),
      allowPositionals: true,
      strict: true,
    });
    const least = names.filter((name) => !name.startsWith('[')).length;
    if (parsed.positionals.length < least) throw new Error(`missing ${names[parsed.positionals.length]}`);
    if (parsed.positionals.length > names.length)
      throw new Error(`one argument too many: ${parsed.positionals[names.length]}`);
    return { values: parsed.values as OptionValues, positionals: parsed.positionals };
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('. ');
    throw usageError(reason, `usage: ${usage(command)}; more: prompt-registry help ${command.name}`);
  }
}

/** The command of this name, or the one below it that the next word names. */
function commandNamed(name: string, next = ''): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found.subcommands?.find((command) => command.name === `${name} ${next}`) ?? found;
  throw usageError(`no command ${name}`, `commands: ${COMMANDS.map((command) => command.name).join(', ')}`);
}

/** The SDK is loaded here and not before: help, completion and comparing files do without. */
async function open(values: OptionValues, promptName?: string): Promise<Registry> {
  const { clientsOf, stackChoice } = await import('./open-registries');
  const { findRegistryStack } = await import('./stack-finder');
  const { Registry: Opened } = await import('./registry');
  const clients = await clientsOf({ values });
  return new Opened(clients, await findRegistryStack(clients, { ...stackChoice(values), promptName }));
}

function errorText({ message, why, fix }: CliError, terminal: Terminal): string {
  const { bold, red, dim } = terminal.noticeColors;
  return [
    `${red(bold('error'))}  ${indented(message)}`,
    ...(why && !message.includes(why) ? [`${dim('why')}    ${indented(why)}`] : []),
    ...fix.map((line, index) => `${index === 0 ? dim('do') : '  '}     ${indented(line)}`),
  ].join('\n');
}

/** A message of several lines cannot begin one as `do` begins. */
function indented(text: string): string {
  return text.trimEnd().replaceAll('\n', `\n${' '.repeat(7)}`);
}
