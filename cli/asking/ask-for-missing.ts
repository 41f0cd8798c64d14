import type { Command, CommandContext, OptionValues, Question } from '../command';
import type { Terminal } from '../terminal';

/** A command line with what somebody chose in the place of what it left out. */
export interface CompletedLine {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
}

/** Whether what was left out may be asked for: a script gets an error, as with `--json` or `--yes`. */
export function mayAsk(terminal: Terminal, values: OptionValues): boolean {
  return terminal.canChoose && !values.json && !values.yes;
}

/**
 * Asks for the prompt, the alias and the version that a command needs and nobody named, one after the other.
 *
 * @param contextOf what to work with where the line says more, such as which of several registries
 * @throws CliError `Interrupted` where nobody chooses
 */
export async function askForMissing(
  command: Command,
  context: CommandContext,
  contextOf: (line: CompletedLine) => CommandContext,
): Promise<CommandContext> {
  const { asks = [] } = command;
  const { positionals: given, values } = context;
  const missing = asks.filter((question, index) => {
    // Plans say themselves where the alias goes.
    if (question === 'target') return (values.to ?? values.plan) === undefined;
    return question === 'content' ? given.length === 0 : index >= given.length;
  });
  let asked = context;
  for (const question of missing) asked = await ANSWERS[question](command, asked, contextOf);
  if (missing.length > 0) context.terminal.notice(shown(command, asked));
  return asked;
}

type Answer = (
  command: Command,
  context: CommandContext,
  contextOf: (line: CompletedLine) => CommandContext,
) => Promise<CommandContext>;

const ANSWERS: Readonly<Record<Question, Answer>> = {
  prompt: async (_, context, contextOf) => {
    const { askPrompt } = await import('./ask-prompt');
    const { promptName, stackName } = await askPrompt(context);
    return contextOf({ positionals: [promptName], values: { ...context.values, stack: stackName } });
  },
  alias: async (command, context) => {
    const { askAlias } = await import('./ask-alias');
    return withArgument(context, await askAlias(command, context));
  },
  version: async (_, context) => {
    const { askVersion } = await import('./ask-version');
    return withArgument(context, await askVersion(context));
  },
  target: async (_, context) => {
    const { askTarget } = await import('./ask-version');
    const to = await askTarget(context);
    return { ...context, values: { ...context.values, to } };
  },
  content: async (_, context) => {
    const { askVersion } = await import('./ask-version');
    const [promptName = ''] = context.positionals;
    return { ...context, positionals: [withReference(promptName, await askVersion(context))] };
  },
};

function withArgument(context: CommandContext, argument: string): CommandContext {
  return { ...context, positionals: [...context.positionals, argument] };
}

/** `financial-analysis@PROD`, `financial-analysis:draft` */
function withReference(promptName: string, reference: string): string {
  return `${promptName}${/^[@:]/.test(reference) ? reference : `:${reference}`}`;
}

/** The line that does the same without questions. */
function shown(command: Command, { positionals, values, terminal: { noticeColors } }: CommandContext): string {
  const options = Object.entries(values).flatMap(([name, value]) =>
    value === true
      ? [`--${name}`]
      : [value ?? []].flat().flatMap((one) => (typeof one === 'string' ? [`--${name}`, quoted(one)] : [])),
  );
  return noticeColors.dim(['prompt-registry', command.name, ...positionals.map(quoted), ...options].join(' '));
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w@:.,/=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
