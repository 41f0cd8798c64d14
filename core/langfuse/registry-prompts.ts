import { isDeepStrictEqual } from 'node:util';
import { parseVersionArn } from '../contract/version-arn';
import type { CreateRequest } from './create-request';
import type { Contents, Pointers, Reach, Writes, Written } from './ports';
import { LATEST, type LabelledVersion, type PromptRow } from './prompt-row';
import { Refusal } from './refusal';
import { REFUSALS } from './registry-refusal';
import { registryRow } from './registry-row';
import type { AliasPast, RegistrySource } from './registry-source';
import { aliasOfLabel, type ServedAlias } from './served-alias';

/** What one key may see of a registry. */
export interface RegistryView {
  readonly projectId: string;
  /** Stack that an unknown prompt would have to be added to. */
  readonly stack: string;
  readonly aliases: readonly ServedAlias[];
  /** Whether the newest published version may be read as `latest`: nobody has released it. */
  readonly latest: boolean;
  readonly modelPrefix: string;
}

/**
 * A registry's prompts, read by label and never released by a key: every write that would change something is refused,
 * and names the alias, its stack and the command that does it.
 */
export class RegistryPrompts implements Pointers, Contents, Writes {
  /** The registry's prompts are whole: nothing in them stands for another. */
  readonly composes = false;
  readonly takesTraces = false;

  constructor(
    private readonly view: RegistryView,
    private readonly source: RegistrySource,
  ) {}

  async names(): Promise<readonly string[]> {
    return [...new Set(this.view.aliases.map(({ name }) => name))];
  }

  spelling(name: string, label: string): string {
    return aliasOfLabel(this.aliasesOf(name), label)?.labels[0] ?? label;
  }

  async standings(name: string, reach: Reach): Promise<readonly LabelledVersion[]> {
    const targets = await this.targets(name);
    const labels = new Map<number, readonly string[]>();
    const add = (version: number, more: readonly string[]) =>
      labels.set(version, [...(labels.get(version) ?? []), ...more]);
    for (const { alias, version } of targets) add(version, alias.labels);
    if (reach === 'all' || this.view.latest) {
      const pasts = await Promise.all(targets.map(({ alias, promptId }) => this.source.past(alias, promptId)));
      const callable = reach === 'all' ? pasts.flatMap((past) => past.callable) : [];
      for (const version of callable) add(version, []);
      for (const version of await this.latest(targets[0]?.promptId, pasts)) add(version, [LATEST]);
    }
    return [...labels].map(([version, its]) => ({ version, labels: its })).toSorted((a, b) => a.version - b.version);
  }

  async read(name: string, version: number): Promise<PromptRow | undefined> {
    const [target] = await this.targets(name);
    const found = target && (await this.source.version(target.promptId, version));
    if (!found) return undefined;
    const { projectId, modelPrefix } = this.view;
    const versionArn = target.arn.replace(/:\d+$/, `:${version}`);
    return registryRow(found, { name, version, versionArn, projectId, modelPrefix });
  }

  async create(request: CreateRequest): Promise<Written> {
    const { name, labels } = request;
    const aliases = this.aliasesOf(name);
    const [first] = aliases;
    if (!first) throw REFUSALS.newPrompt(name, this.view.stack);
    const spelled = labels.map((label) => this.spelling(name, label));
    for (const standing of (await this.standings(name, 'all')).toReversed()) {
      const row = await this.read(name, standing.version);
      if (row && isSame(row, request)) {
        const moved = labels.find((_, index) => !standing.labels.includes(spelled[index] ?? ''));
        if (moved === undefined) return { row, labels: standing.labels, changed: false };
        throw this.refusedLabel(aliases, moved, standing.version);
      }
    }
    throw REFUSALS.version(first);
  }

  async label(name: string, version: number, labels: readonly string[]): Promise<Written> {
    const aliases = this.aliasesOf(name);
    // What is no number of a version nobody can promote.
    if (aliases.length === 0 || !Number.isSafeInteger(version) || version < 1) throw notFound(name, version);
    const targets = await this.targets(name);
    for (const label of labels) {
      const meant = aliasOfLabel(aliases, label);
      const stands = targets.some((target) => target.alias === meant && target.version === version);
      if (!stands) throw this.refusedLabel(aliases, label, version);
    }
    const standing = (await this.standings(name, 'all')).find((one) => one.version === version);
    const row = standing && (await this.read(name, version));
    if (!row) throw notFound(name, version);
    return { row, labels: standing.labels, changed: false };
  }

  async remove(name: string): Promise<void> {
    const [first] = this.aliasesOf(name);
    throw first ? REFUSALS.removal(first) : new Refusal('LangfuseNotFoundError', 'Prompt not found');
  }

  private async latest(promptId: string | undefined, pasts: readonly AliasPast[]): Promise<number[]> {
    if (!this.view.latest || promptId === undefined) return [];
    const newest = await this.source.newest(promptId);
    const isWithdrawn = pasts.some(({ withdrawn }) => withdrawn.some((version) => version === newest));
    return newest === undefined || isWithdrawn ? [] : [newest];
  }

  private refusedLabel(aliases: readonly ServedAlias[], label: string, version: number): Refusal {
    const meant = aliasOfLabel(aliases, label);
    return meant
      ? REFUSALS.labelIsAlias(label, meant, version)
      : REFUSALS.labelIsNone(label, aliases[0] as ServedAlias);
  }

  private aliasesOf(name: string): readonly ServedAlias[] {
    return this.view.aliases.filter((alias) => alias.name === name);
  }

  private async targets(name: string) {
    const found = await Promise.all(
      this.aliasesOf(name).map(async (alias) => {
        const arn = await this.source.target(alias);
        const target = parseVersionArn(arn);
        return arn !== undefined && target ? [{ alias, arn, ...target }] : [];
      }),
    );
    return found.flat();
  }
}

function isSame(row: PromptRow, { type, prompt, config, tags }: CreateRequest): boolean {
  return (
    row.type === type &&
    isDeepStrictEqual(row.prompt, prompt) &&
    isDeepStrictEqual(row.config, config) &&
    (tags === undefined || isDeepStrictEqual(row.tags.toSorted(), tags.toSorted()))
  );
}

function notFound(name: string, version: number): Refusal {
  return new Refusal('LangfuseNotFoundError', `Prompt '${name}' version ${version} not found in project`);
}
