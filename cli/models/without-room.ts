import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { VERSION_LIMIT } from '../../core/contract/bedrock-limits';
import { logicalId } from '../../core/contract/names';
import { RegistryError } from '../../core/registry-error';
import { choosePrunable } from '../../core/release/prunable-version';
import { lastStandings } from '../../core/release/standing';
import { placesOfTarget } from '../../core/release/version-target';
import type { Registry, RegistryPrompt } from '../registry';
import { readStackTemplate, type StackTemplate } from '../stack-template';

/** A content that is to be published. */
export interface WantedContent {
  readonly promptName: string;
  readonly digest: string;
}

export interface PromptWithoutRoom {
  readonly promptName: string;
  /** Each version with what holds it. */
  readonly why: string;
}

/**
 * Prompts whose versions are as many as Bedrock allows, and none of which the publisher would delete for a new one. It
 * decides for itself when the stack is deployed, by the same rule.
 */
export async function promptsWithoutRoom(
  registry: Registry,
  wanted: readonly WantedContent[],
): Promise<PromptWithoutRoom[]> {
  const { clients, stack } = registry;
  const { TemplateBody = '' } = await clients.cloudFormation.send(new GetTemplateCommand({ StackName: stack.stackId }));
  const template = readStackTemplate(TemplateBody);
  const names = new Set(registry.promptNames);
  const found = wanted
    .filter(({ promptName }) => names.has(promptName))
    .map((one) => withoutRoom(registry, template, one));
  return (await Promise.all(found)).flatMap((one) => one ?? []);
}

async function withoutRoom(
  registry: Registry,
  template: StackTemplate,
  { promptName, digest }: WantedContent,
): Promise<PromptWithoutRoom | undefined> {
  const prompt = await registry.prompt(promptName);
  const versions = await registry.reader.versions(prompt.promptId);
  // A content that a version holds is found, and needs no room.
  if (versions.length < VERSION_LIMIT || versions.some((version) => version.digest === digest)) return undefined;
  const held = await heldVersions(registry, template, prompt);
  const archived = new Set((await registry.reader.archive(prompt.promptId)).map(({ version }) => version));
  try {
    choosePrunable({ versions: versions.map(({ version }) => version).reverse(), held, archived });
    return undefined;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { promptName, why: /\((version .*)\);/.exec(error.message)?.[1] ?? error.message };
  }
}

/** Each with what holds it: callers, and the app. */
async function heldVersions(
  registry: Registry,
  template: StackTemplate,
  prompt: RegistryPrompt,
): Promise<ReadonlyMap<number, string>> {
  const held = new Map<number, string>();
  for (const { alias, version: target, history } of await registry.aliasStates(prompt)) {
    for (const { version } of await lastStandings({ target, history, size: alias.callableVersions })) {
      const tense = version === target ? 'points at it' : 'pointed at it just before';
      held.set(version, held.get(version) ?? `alias ${alias.aliasName} ${tense}`);
    }
  }
  const { parameterPrefix } = registry.stack;
  const resource = template.Resources?.[logicalId(parameterPrefix, prompt.promptName, undefined, 'Version')];
  const named = [resource?.Properties?.KeepVersions, resource?.Properties?.Targets].flat();
  for (const place of named.flatMap((target) => placesOfTarget(`${target}`))) {
    if (/^[1-9]\d*$/.test(place)) held.set(Number(place), 'the app names it');
  }
  return held;
}
