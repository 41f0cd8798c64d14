import type { ParseArgsConfig } from 'node:util';
import type { ExitCode } from './exit-code';
import type { Interruption } from './interruption';
import type { Registry } from './registry';
import type { Terminal } from './terminal';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given several times: the values are a list. */
  readonly multiple?: boolean;
  /** Name of the value in help: `--to TARGET`. */
  readonly value?: string;
  readonly description: string;
}

/** Values of options that were given, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  readonly now: () => Date;
  /** Of this package. */
  readonly version?: string;
  readonly interruption: Interruption;
  /** All commands, for what speaks about them. */
  readonly commands: readonly Command[];
  /**
   * Finds the registry's stack; the same one however often it is asked.
   *
   * @param promptName of several registries, the one that has this prompt
   */
  openRegistry(promptName?: string): Promise<Registry>;
}

/**
 * What a person is asked for where the command line leaves it out: `target` is `--to`, `content` a version or an alias that
 * goes into the argument before, all others are arguments of their own.
 */
export type Question = 'prompt' | 'alias' | 'version' | 'target' | 'content';

/** One command: what it is called, what it takes, what it does. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments; those in brackets may be left out. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Asked for in this order, in a terminal. */
  readonly asks?: readonly Question[];
  /** Paragraphs for `help COMMAND`. */
  readonly details?: readonly string[];
  readonly examples: readonly string[];
  /** Commands under this one, each by its whole name: `audit log`. The first argument chooses. */
  readonly subcommands?: readonly Command[];
  run(context: CommandContext): Promise<ExitCode>;
}

/** Options of every command that looks at a registry. */
export const REGISTRY_OPTIONS = {
  stack: { type: 'string', value: 'NAME', description: "the registry's stack; found by itself where there is one" },
  region: { type: 'string', value: 'REGION', description: 'AWS Region, as for the AWS CLI' },
  profile: { type: 'string', value: 'PROFILE', description: 'profile of the AWS configuration, as for the AWS CLI' },
  'ledger-bucket': {
    type: 'string',
    value: 'NAME',
    description: 'the ledger of the registry that the prompts join, where it is not found',
  },
  json: { type: 'boolean', description: 'print JSON' },
} as const satisfies Record<string, CommandOption>;

export function parseArgsOptions(options: Command['options']): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short && { short }), ...(multiple && { multiple }) },
    ]),
  );
}
