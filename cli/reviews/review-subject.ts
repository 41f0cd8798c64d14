import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import { type Judgement, judgement } from './judgement';
import { type ReviewedContent, reviewedContent } from './reviewed-content';

/** A prompt and one of its aliases, as somebody named them. */
export interface NamedAlias {
  readonly registry: Registry;
  readonly prompt: RegistryPrompt;
  readonly state: AliasState;
}

/** A move that people speak about. */
export interface ReviewSubject extends NamedAlias {
  readonly content: ReviewedContent;
  readonly judged: Judgement;
}

export async function namedAlias({ positionals, openRegistry }: CommandContext): Promise<NamedAlias> {
  const [promptName = '', aliasName = ''] = positionals;
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const alias = registry.alias(prompt, aliasName);
  const state = await registry.aliasState(prompt, alias, await registry.reader.aliases(promptName));
  return { registry, prompt, state };
}

/** @param text `:2`, `@STAGING`, `pd1:…` */
export async function reviewSubject(named: NamedAlias, text: string, now: Date): Promise<ReviewSubject> {
  const { registry, prompt, state } = named;
  const content = await reviewedContent(registry, prompt, text);
  return { ...named, content, judged: await judgement(registry, prompt, state, content, now) };
}

/**
 * Refuses what nobody needs to be asked for.
 *
 * @throws CliError
 */
export function checkIsAsked({ state, content, judged, prompt }: ReviewSubject): void {
  const { aliasName } = state.alias;
  const alias = `${aliasName} of ${prompt.promptName}`;
  const move = `prompt-registry promote ${prompt.promptName} ${aliasName} --to :${content.version}`;
  if (judged.way === 'stays') {
    throw new CliError({
      what: `${alias} points to ${content.version} already`,
      fix: 'name another version with --to',
    });
  }
  if (judged.way === 'free') {
    throw new CliError({ what: `${alias} has no gate: nobody needs to be asked`, fix: `release it: ${move}` });
  }
  if (judged.way === 'back') {
    const why = 'the alias stood on it by agreement, and did not leave it backwards since';
    throw new CliError({ what: `${alias} goes back to ${content.version} without asking anybody`, why, fix: move });
  }
}

/** Digest of what the alias points at; null for nothing, or where nobody knows. */
export async function liveDigest({ registry, prompt, state }: NamedAlias): Promise<string | null> {
  if (state.version === null) return null;
  const versions = await registry.reader.versions(prompt.promptId);
  return versions.find(({ version }) => version === state.version)?.digest ?? null;
}

/** `PROD of financial-analysis → version 2 (pd1:c21791c5…)` */
export function moveText({ state, content, prompt }: ReviewSubject, arrow: string): string {
  const digest = `${content.digest.slice(0, 12)}…`;
  return `${state.alias.aliasName} of ${prompt.promptName} ${arrow} version ${content.version} (${digest})`;
}
