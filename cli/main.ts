import { parseArgs } from 'node:util';
import type { AwsChoice } from './aws-clients';
import { explained } from './aws-failure';
import { type CliError, usageError } from './cli-error';
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
  if (name === '--version' || name === '-v' || name === 'version') {
    process.stdout.write(`${version}\n`);
    return ExitCode.Done;
  }
  // A reader that leaves early (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const terminal = new Terminal(process);
  const interruption = new Interruption();
  process.once('SIGINT', () => {
    process.once('SIGINT', () => process.exit(ExitCode.Interrupted));
    interruption.interrupt().then(
      (lines) => {
        terminal.notice(`\n${lines.join('\n')}`);
        process.exit(ExitCode.Interrupted);
      },
      () => process.exit(ExitCode.Interrupted),
    );
  });
  try {
    return await dispatch(name, rest, terminal, interruption);
  } catch (error) {
    const failure = explained(error);
    terminal.notice(errorText(failure, terminal));
    if (process.env.PROMPT_REGISTRY_DEBUG) terminal.notice(String((failure.cause as Error)?.stack ?? failure.stack));
    return failure.exitCode;
  }
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
  const openRegistry = () => {
    registry ??= terminal.progress('looking for the registry', () => open(values));
    return registry;
  };
  return command.run({ terminal, positionals, values, interruption, openRegistry, now: () => new Date() });
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
async function open(values: OptionValues): Promise<Registry> {
  const { awsClients } = await import('./aws-clients');
  const { findRegistryStack } = await import('./stack-finder');
  const { Registry: Opened } = await import('./registry');
  const clients = awsClients(values as AwsChoice);
  const text = (name: string) => values[name] as string | undefined;
  const choice = { stackName: text('stack') ?? process.env.PROMPT_REGISTRY_STACK, ledgerBucket: text('ledger-bucket') };
  return new Opened(clients, await findRegistryStack(clients.cloudFormation, choice));
}

function errorText({ message, why, fix }: CliError, terminal: Terminal): string {
  const { bold, red, dim } = terminal.noticeColors;
  return [
    `${red(bold('error'))}  ${message}`,
    ...(why && !message.includes(why) ? [`${dim('why')}    ${why}`] : []),
    ...fix.map((line, index) => `${index === 0 ? dim('do') : '  '}     ${line}`),
  ].join('\n');
}
