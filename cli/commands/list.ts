import { age } from '../age';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { leftOver } from '../left-over';
import type { AliasState, Registry } from '../registry';
import type { PointedAlias } from '../registry-reader';
import { table } from '../table';
import type { Terminal } from '../terminal';

export interface ListedPrompt {
  readonly prompt: string;
  /** Newest version that Bedrock holds; null where there is none. */
  readonly newest: number | null;
  readonly versions: readonly number[];
  readonly withdrawn: readonly number[];
  readonly aliases: readonly ListedAlias[];
}

export interface ListedAlias {
  readonly alias: string;
  readonly version: number | null;
  readonly since: Date | null;
  /** What callers may use besides. */
  readonly alsoCallable: readonly number[];
  /** Those of them that a rollback left callable. */
  readonly leftOver: readonly number[];
  /** Name of the stack parameter that moves it; null where source does. */
  readonly parameter: string | null;
}

export const list: Command = {
  name: 'list',
  summary: 'prompts, their newest version, and where each alias stands',
  positionals: ['[PROMPT]'],
  options: REGISTRY_OPTIONS,
  details: [
    'ALSO CALLABLE are versions that callers of the alias may use besides the one it points to: normally the one before. ' +
      'A version left over by a rollback stays callable until it is withdrawn (rollback --withdraw) or two releases have passed.',
  ],
  examples: ['list', 'list financial-analysis', 'list --json --stack Prompts-prod'],
  run: async (context) => {
    const { terminal } = context;
    const prompts = await listedPrompts(context);
    if (context.values.json) terminal.json(prompts);
    else terminal.line(listText(prompts, terminal, context.now()));
    return ExitCode.Done;
  },
};

async function listedPrompts({ terminal, positionals: [only], openRegistry }: CommandContext): Promise<ListedPrompt[]> {
  const registry = await openRegistry();
  const names = only ? [(await registry.prompt(only)).promptName] : registry.promptNames;
  let done = 0;
  return terminal.progress('reading aliases', async (say) => {
    const pointers = await registry.reader.aliases(only);
    // All at once: the client itself keeps to Bedrock's rate, so the whole takes as long as that allows.
    const prompts = names.map(async (name) => {
      const listed = await listedPrompt(registry, name, pointers);
      done += 1;
      say(`reading prompts: ${done} of ${names.length}${names.length > 20 ? ', Bedrock allows 10 a second' : ''}`);
      return listed;
    });
    return Promise.all(prompts);
  });
}

async function listedPrompt(
  registry: Registry,
  name: string,
  pointers: readonly PointedAlias[],
): Promise<ListedPrompt> {
  const prompt = await registry.prompt(name);
  const versions = (await registry.reader.versions(prompt.promptId)).map(({ version }) => version);
  const states = await registry.aliasStates(prompt, pointers);
  const aliases = states.map(listedAlias);
  return { prompt: name, newest: versions.at(-1) ?? null, versions, withdrawn: prompt.withdrawn, aliases };
}

function listedAlias(state: AliasState): ListedAlias {
  const { alias, version, since, callable } = state;
  return {
    alias: alias.aliasName,
    version,
    since: since ?? null,
    alsoCallable: callable.filter((one) => one !== version),
    leftOver: leftOver(state),
    parameter: alias.parameterId ?? null,
  };
}

/** The table of `list`. */
export function listText(prompts: readonly ListedPrompt[], terminal: Terminal, now: Date): string {
  const { colors, glyphs } = terminal;
  const headings = ['PROMPT', 'NEWEST', 'WITHDRAWN', 'ALIAS', 'VERSION', 'SINCE', 'ALSO CALLABLE'];
  const rows = prompts.flatMap(({ prompt, newest, withdrawn, aliases }) =>
    aliases.map((alias, index) => [
      ...(index === 0
        ? [colors.bold(prompt), String(newest ?? glyphs.none), colors.red(withdrawn.join(', '))]
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

function aliasVersion({ version }: ListedAlias, withdrawn: readonly number[], { colors, glyphs }: Terminal): string {
  if (version === null) return glyphs.none;
  return withdrawn.includes(version) ? colors.red(`${version} (withdrawn)`) : colors.bold(String(version));
}
