import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { askForMissing, type CompletedLine, mayAsk } from './asking/ask-for-missing';
import { explained } from './aws-failure';
import { CliError, usageError } from './cli-error';
import { type Command, type CommandContext, type OptionValues, parseArgsOptions, REGISTRY_OPTIONS } from './command';
import { COMMANDS } from './commands';
import { COMPLETE, REFRESH } from './completion/shell-words';
import { ExitCode } from './exit-code';
import { commandHelp, generalHelp, usage } from './help';
import { Interruption } from './interruption';
import type { Registry } from './registry';
import { SeveralRegistries } from './several-registries';
import { Terminal } from './terminal';

/** Runs the command line of a process and answers its exit code. */
export async function main(process: NodeJS.Process, version: string): Promise<ExitCode> {
  const [name = 'help', ...rest] = process.argv.slice(2);
  const terminal = new Terminal(process);
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.line(version);
    return ExitCode.Done;
  }
  if (name === COMPLETE || name === REFRESH) return answerShell(name, rest, terminal);
  const interruption = new Interruption();
  listenForSignals(process, terminal, interruption);
  try {
    const code = await dispatch(name, rest, terminal, interruption, version);
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

/** For completion: never an error, and whatever is still under way ends with it. */
async function answerShell(name: string, words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { complete, refreshNames } = await import('./completion/complete');
  if (name === COMPLETE) {
    const found = await complete(COMMANDS, words).catch(() => []);
    for (const one of found) terminal.line(one);
  } else {
    const { values } = parseArgs({ args: [...words], options: parseArgsOptions(REGISTRY_OPTIONS), strict: false });
    await refreshNames(values as OptionValues).catch(() => []);
  }
  process.exit(ExitCode.Done);
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
  version: string,
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
  const { values, positionals } = parse(command, rest, terminal);
  const contextOf = (line: CompletedLine) => contextWith(terminal, interruption, line, version);
  const context = contextOf({ positionals, values });
  return command.run(mayAsk(terminal, values) ? await askForMissing(command, context, contextOf) : context);
}

function contextWith(
  terminal: Terminal,
  interruption: Interruption,
  line: CompletedLine,
  version: string,
): CommandContext {
  const values = { ...line.values };
  let registry: Promise<Registry> | undefined;
  const openRegistry = (promptName?: string) => {
    registry ??= terminal.progress('looking for the registry', () => open(terminal, values, promptName));
    return registry;
  };
  const { positionals } = line;
  const now = () => new Date();
  return { terminal, interruption, positionals, values, commands: COMMANDS, openRegistry, now, version };
}

function parse(command: Command, args: string[], terminal: Terminal) {
  const { positionals: names } = command;
  try {
    const parsed = parseArgs({
      args,
      options: parseArgsOptions(command.options),
      allowPositionals: true,
      strict: true,
    });
    const least = names.filter((name) => !name.startsWith('[')).length;
    const mayBeAsked = command.asks !== undefined && mayAsk(terminal, parsed.values as OptionValues);
    if (parsed.positionals.length < least && !mayBeAsked)
      throw new Error(`missing ${names[parsed.positionals.length]}`);
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
async function open(
  terminal: Terminal,
  values: Record<string, OptionValues[string]>,
  promptName?: string,
): Promise<Registry> {
  const { clientsOf, stackChoice } = await import('./open-registries');
  const { findRegistryStack } = await import('./stack-finder');
  const { Registry: Opened } = await import('./registry');
  const clients = await clientsOf({ values });
  const choice = { ...stackChoice(values), promptName };
  const stack = await findRegistryStack(clients, choice).catch(async (error) => {
    if (!(error instanceof SeveralRegistries && mayAsk(terminal, values))) throw error;
    const choices = error.stackNames.map((name) => ({ value: name, text: name, short: name }));
    values.stack = await terminal.choose(`${error.message}: which one?`, choices);
    return findRegistryStack(clients, { ...choice, stackName: values.stack });
  });
  return new Opened(clients, stack);
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
