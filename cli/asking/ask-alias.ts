import { age } from '../age';
import { CliError } from '../cli-error';
import type { Command, CommandContext } from '../command';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import { parameterValue } from '../registry-stack';
import { type Choice, onlyChoice } from './choice';
import { columns } from './columns';

/** Which alias, each with where it stands, and of a rollback with where it would go. */
export async function askAlias(command: Command, context: CommandContext): Promise<string> {
  const { terminal, positionals, now } = context;
  const [promptName = ''] = positionals;
  const registry = await context.openRegistry(promptName);
  const { prompt, states } = await terminal.progress('reading aliases', async () => {
    const read = await registry.prompt(promptName);
    return { prompt: read, states: await registry.aliasStates(read) };
  });
  const isBack = command.name === 'rollback' && context.values.to === undefined && context.values.plan === undefined;
  const { arrow, none } = terminal.glyphs;
  const texts = columns(
    states.map((state) => {
      const back = isBack ? before(state) : undefined;
      const stands = `${state.version ?? none}${back === undefined ? '' : ` ${arrow} ${back}`}`;
      const { aliasName } = state.alias;
      return [aliasName, stands, state.version !== null && state.since ? `since ${age(state.since, now())}` : ''];
    }),
  );
  const moves = ['promote', 'plan', 'rollback', 'request'].includes(command.name);
  const choices = states.map((state, index): Choice<string> => {
    const closed = moves ? pinned(registry, state) : undefined;
    const { aliasName } = state.alias;
    const withoutWay = closed === undefined && isBack && before(state) === undefined ? 'nothing to go back to' : closed;
    return { value: aliasName, text: texts[index] ?? '', short: aliasName, ...(withoutWay && { closed: withoutWay }) };
  });
  if (choices.every(({ closed }) => closed !== undefined)) throw noneMoves(prompt, choices);
  const question = isBack ? `which alias of ${promptName} goes back?` : `which alias of ${promptName}?`;
  return onlyChoice(choices)?.value ?? terminal.choose(question, choices);
}

/** As `rollback` takes it without `--to`. */
function before({ version, callable }: AliasState): number | undefined {
  return version === null ? undefined : callable.find((one) => one !== version);
}

function pinned({ stack }: Registry, { alias: { parameterId, sourceTarget } }: AliasState): string | undefined {
  if (parameterId !== undefined && parameterValue(stack, parameterId) !== undefined) return undefined;
  return /^[1-9]/.test(sourceTarget ?? '') ? 'pinned in the app' : 'follows the app';
}

function noneMoves({ promptName }: RegistryPrompt, choices: readonly Choice<string>[]): CliError {
  return new CliError({
    what: `no alias of ${promptName} can be moved from here`,
    why: choices.map(({ value, closed }) => `${value} ${closed}`).join('; '),
    fix: `where each came from: prompt-registry history ${promptName}`,
  });
}
