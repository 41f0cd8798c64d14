import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import type { AliasStatus } from '../status-checks';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

export interface PromptStatus {
  readonly prompt: string;
  readonly stack: string;
  /** `UPDATE_COMPLETE`, … */
  readonly stackStatus: string;
  readonly agrees: boolean;
  readonly aliases: readonly AliasStatus[];
}

export const status: Command = {
  name: 'status',
  summary: 'whether aliases, parameters, policies, ledger and Bedrock agree',
  positionals: ['PROMPT'],
  options: REGISTRY_OPTIONS,
  details: ['Exits with 0 where all agree, with 2 where something does not, and says how.'],
  examples: ['status financial-analysis', 'status financial-analysis --json'],
  run: async (context) => {
    const { terminal } = context;
    const found = await terminal.progress('comparing', () => read(context));
    if (context.values.json) terminal.json(found);
    else terminal.line(statusText(found, terminal));
    return found.agrees ? ExitCode.Done : ExitCode.Differs;
  },
};

async function read({ positionals: [promptName = ''], openRegistry }: CommandContext): Promise<PromptStatus> {
  const { aliasStatus } = await import('../status-checks');
  const registry = await openRegistry();
  const prompt = await registry.prompt(promptName);
  const states = await registry.aliasStates(prompt);
  const aliases = await Promise.all(states.map((state) => aliasStatus(registry, prompt, state)));
  const agrees = aliases.every(({ checks }) => checks.every(({ findings }) => findings.length === 0));
  const { stackName, status: stackStatus } = registry.stack;
  return { prompt: promptName, stack: stackName, stackStatus, agrees, aliases };
}

/** The text of `status`. */
export function statusText({ prompt, stack, stackStatus, aliases, agrees }: PromptStatus, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const isQuiet = /^(CREATE|UPDATE)_COMPLETE$/.test(stackStatus);
  const lines = [
    `${colors.bold(prompt)}  ${agrees ? colors.green('all agree') : colors.red('does not agree')}`,
    `${colors.dim('stack')}  ${stack} ${isQuiet ? colors.dim(stackStatus) : colors.yellow(stackStatus)}`,
    ...aliases.flatMap(({ alias, version, callable, checks, notes }) => [
      '',
      `${colors.bold(alias)}  ${version ?? glyphs.none}  ${colors.dim(`callable ${callable.join(', ') || glyphs.none}`)}`,
      ...checks.flatMap(({ what, findings }) =>
        findings.length === 0
          ? [`  ${colors.green(glyphs.ok)} ${what}`]
          : findings.map((finding) => `  ${colors.red(glyphs.bad)} ${what}: ${finding}`),
      ),
      ...notes.map((note) => `  ${colors.yellow(glyphs.note)} ${note}`),
    ]),
  ];
  return wrapLines(lines.join('\n'), terminal.width);
}
