import { changedSections, contentDiff } from '../../studio/diff/content-diff';
import { age } from '../age';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import type { PublishedVersion } from '../registry-reader';
import type { Choice } from './choice';
import { columns } from './columns';

interface Read {
  readonly registry: Registry;
  readonly prompt: RegistryPrompt;
  readonly states: readonly AliasState[];
  /** Newest first. */
  readonly versions: readonly PublishedVersion[];
}

/** Where the alias is to go: each version that Bedrock holds, with what it would change. */
export async function askTarget(context: CommandContext): Promise<string> {
  const { terminal, positionals, now } = context;
  const [promptName = '', aliasName = ''] = positionals;
  const registry = await context.openRegistry(promptName);
  const { states, versions, prompt, changes } = await terminal.progress('reading versions', async () => {
    const found = await read(registry, promptName);
    const { aliasName: known } = registry.alias(found.prompt, aliasName);
    const live = found.states.find(({ alias }) => alias.aliasName === known)?.version ?? null;
    return { ...found, changes: await changesFrom(found, live) };
  });
  const live = states.find(({ alias }) => alias.aliasName === aliasName)?.version ?? null;
  const texts = columns(
    versions.map(({ version, created }, index) => [
      `:${version}`,
      aliasesOn(version, states),
      created ? age(created, now()) : '',
      version === live ? '' : (changes[index] ?? ''),
    ]),
  );
  const choices = versions.map(({ version, note }, index): Choice<string> => {
    const closed = version === live ? `${aliasName} is on it` : prompt.withdrawn.includes(version) ? 'withdrawn' : null;
    const text = texts[index] ?? '';
    return { value: `:${version}`, text, short: `:${version}`, more: note, ...(closed !== null && { closed }) };
  });
  if (choices.every(({ closed }) => closed !== undefined)) {
    throw new CliError({
      what: `there is no other version that ${aliasName} of ${promptName} could go to`,
      why: choices.map(({ value, closed }) => `${value}: ${closed}`).join('; '),
      fix: 'change the prompt and deploy: that publishes one',
    });
  }
  const stands = live === null ? 'points to no version' : `is on ${live}`;
  return terminal.choose(`to which version? ${aliasName} ${stands}`, choices);
}

/** Which content: what an alias points to, a version, or the draft. */
export async function askVersion(context: CommandContext): Promise<string> {
  const { terminal, positionals, now } = context;
  const [promptName = '', ...others] = positionals;
  const registry = await context.openRegistry(promptName);
  const { states, versions, prompt } = await terminal.progress('reading versions', () => read(registry, promptName));
  const pointed = states.filter(({ version }) => version !== null);
  const rows = [
    ...pointed.map(({ alias, version, since }) => [
      `@${alias.aliasName}`,
      `:${version}`,
      since ? age(since, now()) : '',
    ]),
    ...versions.map(({ version, created }) => [
      `:${version}`,
      [aliasesOn(version, states), prompt.withdrawn.includes(version) ? 'withdrawn' : ''].filter(Boolean).join(', '),
      created ? age(created, now()) : '',
    ]),
    ['draft', 'the working copy'],
  ];
  const texts = columns(rows);
  const notes = new Map(versions.map(({ version, note }) => [`:${version}`, note]));
  const choices = rows.map(([name = ''], index): Choice<string> => {
    const more = notes.get(name);
    return { value: name, text: texts[index] ?? '', short: name, ...(more && { more }) };
  });
  return terminal.choose(
    others.length > 0 ? `compared with ${others[0]}:` : `which content of ${promptName}?`,
    choices,
  );
}

async function read(registry: Registry, promptName: string): Promise<Read> {
  const prompt = await registry.prompt(promptName);
  const [versions, pointers] = await Promise.all([
    registry.reader.versions(prompt.promptId),
    registry.reader.aliases(promptName),
  ]);
  return { registry, prompt, states: registry.pointedStates(prompt, pointers), versions: versions.reverse() };
}

/** The parts of each version that differ from the live one. */
async function changesFrom({ registry, prompt, versions }: Read, live: number | null): Promise<string[]> {
  if (live === null) return [];
  const content = (version: number) => registry.reader.content(prompt.promptId, version);
  const now = await content(live);
  return Promise.all(
    versions.map(async ({ version }) => {
      const then = version === live ? now : await content(version);
      if (!now || !then) return '';
      const compared = contentDiff({ label: '', variant: now.variant }, { label: '', variant: then.variant });
      const titles = changedSections(compared).map(({ title, status }) =>
        status === 'changed' ? title : `${title} ${status}`,
      );
      return titles.length > 0 ? `changes ${titles.join(', ')}` : 'the same content';
    }),
  );
}

function aliasesOn(version: number, states: readonly AliasState[]): string {
  return states.flatMap((state) => (state.version === version ? [state.alias.aliasName] : [])).join(', ');
}
