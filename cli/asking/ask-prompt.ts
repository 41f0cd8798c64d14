import { versionOfArn } from '../../core/contract/version-arn';
import type { CommandContext } from '../command';
import { openRegistries } from '../open-registries';
import { PartialReading } from '../partial-reading';
import type { Registry } from '../registry';
import { type Choice, onlyChoice } from './choice';
import { columns } from './columns';

interface NamedPrompt {
  readonly promptName: string;
  readonly stackName: string;
}

/** Which prompt, of all registries that the options leave; each with where its aliases stand. */
export async function askPrompt(context: CommandContext): Promise<NamedPrompt> {
  const { terminal } = context;
  const found = await terminal.progress('reading the registries', async () => {
    const all: (NamedPrompt & { readonly stands: string })[] = [];
    for await (const prompts of openRegistries(context, promptsOf)) all.push(...prompts);
    return all;
  });
  const stacks = new Set(found.map(({ stackName }) => stackName)).size;
  const texts = columns(
    found.map(({ promptName, stackName, stands }) => [promptName, ...(stacks > 1 ? [stackName] : []), stands]),
  );
  const choices = found.map(
    (one, index): Choice<NamedPrompt> => ({ value: one, text: texts[index] ?? '', short: one.promptName }),
  );
  return onlyChoice(choices)?.value ?? terminal.choose('which prompt?', choices);
}

async function promptsOf({ reader, promptNames, stack }: Registry) {
  const reading = new PartialReading();
  // Names can be chosen without them.
  const pointers = (await reading.attempt('the parameters of the aliases', () => reader.aliases())) ?? [];
  return promptNames.map((promptName) => {
    const own = pointers.filter((pointer) => pointer.promptName === promptName);
    const stands = own.map(({ aliasName, versionArn }) => `${aliasName} ${versionOfArn(versionArn) ?? 'none'}`);
    return { promptName, stackName: stack.stackName, stands: stands.sort().join(', ') };
  });
}
