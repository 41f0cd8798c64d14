import { randomUUID } from 'node:crypto';
import type { CreateRequest } from './create-request';
import { dependencyTags } from './dependency-tag';
import type { Contents, Pointers, Writes, Written } from './ports';
import { LATEST, type LabelledVersion, type LangfusePrompt, type PromptRow } from './prompt-row';
import { Refusal } from './refusal';
import { CannotResolve, resolvePrompt } from './resolve-prompt';

interface Kept {
  row: PromptRow;
  labels: readonly string[];
}

/** Prompts in memory that every key of their project may change: Langfuse's own rules, and none of the registry's. */
export class OpenPrompts implements Pointers, Contents, Writes {
  readonly composes = true;
  readonly takesTraces = true;
  private readonly prompts = new Map<string, Kept[]>();

  constructor(
    private readonly projectId: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async names(): Promise<readonly string[]> {
    return [...this.prompts.keys()];
  }

  async standings(name: string): Promise<readonly LabelledVersion[]> {
    return this.versions(name).map(({ row, labels }) => ({ version: row.version, labels }));
  }

  async read(name: string, version: number): Promise<PromptRow | undefined> {
    return this.at(name, version)?.row;
  }

  async create(request: CreateRequest): Promise<Written> {
    const { name, type, prompt, config, commitMessage, tags, labels } = request;
    refuseSharedNames(prompt);
    const id = randomUUID();
    await this.tryToResolve({ id, name, version: (this.versions(name).at(-1)?.row.version ?? 0) + 1, prompt });
    // From here on nothing waits, so that two requests at once make two versions.
    const newest = this.versions(name).at(-1)?.row;
    if (newest && newest.type !== type)
      throw new Refusal(
        'InvalidRequestError',
        'Previous versions have different prompt type. Create a new prompt with a different name.',
      );
    const time = this.now().toISOString();
    const row: PromptRow = {
      id,
      createdAt: time,
      updatedAt: time,
      projectId: this.projectId,
      createdBy: 'API',
      prompt,
      name,
      version: (newest?.version ?? 0) + 1,
      type,
      config,
      tags: [...new Set(tags ?? newest?.tags ?? [])],
      commitMessage,
    };
    const own = [...new Set([...labels, LATEST])];
    this.takeAway(name, own);
    this.prompts.set(name, [...this.versions(name), { row, labels: own }]);
    this.tagAll(name, row.tags);
    return { row, labels: own, changed: true };
  }

  async label(name: string, version: number, labels: readonly string[]): Promise<Written> {
    const kept = this.at(name, version);
    if (!kept) throw new Refusal('LangfuseNotFoundError', `Prompt '${name}' version ${version} not found in project`);
    const all = [...new Set([...labels, ...kept.labels])];
    this.takeAway(name, labels, kept);
    this.set(kept, all);
    return { row: kept.row, labels: all, changed: true };
  }

  async remove(name: string, { version, label }: { version?: number; label?: string }): Promise<void> {
    const isMeant = ({ row, labels }: Kept) =>
      (version === undefined || row.version === version) && (label === undefined || labels.includes(label));
    const versions = this.versions(name);
    const going = versions.filter(isMeant);
    if (going.length === 0) throw new Refusal('LangfuseNotFoundError', 'Prompt not found');
    const staying = versions.filter((kept) => !going.includes(kept));
    this.refuseNeeded(name, going, staying);
    const newest = staying.at(-1);
    if (!newest) {
      this.prompts.delete(name);
      return;
    }
    this.prompts.set(name, staying);
    if (!staying.some(({ labels }) => labels.includes(LATEST))) this.set(newest, [...newest.labels, LATEST]);
  }

  private async tryToResolve(root: Pick<PromptRow, 'id' | 'name' | 'version' | 'prompt'>): Promise<void> {
    try {
      await resolvePrompt(root, { pointers: this, contents: this });
    } catch (error) {
      if (!(error instanceof CannotResolve)) throw error;
      throw new Refusal('InvalidRequestError', error.message);
    }
  }

  /** A version that another prompt names stays, and so does the last one with a label that another prompt names. */
  private refuseNeeded(name: string, going: readonly Kept[], staying: readonly Kept[]): void {
    const all = [...this.prompts.values()].flat().filter((kept) => !going.includes(kept));
    const needs = all.flatMap(({ row }) =>
      dependencyTags(row.prompt)
        .filter((tag) => tag.name === name)
        .filter((tag) =>
          tag.type === 'version'
            ? going.some((kept) => kept.row.version === tag.version)
            : !staying.some(({ labels }) => labels.includes(tag.label)),
        )
        .map((tag) => {
          const which = tag.type === 'version' ? `v${tag.version}` : tag.label;
          return `${row.name} v${row.version} depends on ${name} ${which}`;
        }),
    );
    if (needs.length === 0) return;
    throw new Refusal(
      'InvalidRequestError',
      `Other prompts are depending on prompt versions you are trying to delete:\n\n${needs.join('\n')}\n\nPlease delete the dependent prompts first.`,
    );
  }

  private takeAway(name: string, labels: readonly string[], but?: Kept): void {
    for (const kept of this.versions(name)) {
      if (kept === but || !kept.labels.some((label) => labels.includes(label))) continue;
      this.set(
        kept,
        kept.labels.filter((label) => !labels.includes(label)),
      );
    }
  }

  /** Tags are the prompt's, not the version's. */
  private tagAll(name: string, tags: readonly string[]): void {
    for (const kept of this.versions(name)) {
      if (JSON.stringify(kept.row.tags.toSorted()) === JSON.stringify(tags.toSorted())) continue;
      kept.row = { ...kept.row, tags, updatedAt: this.now().toISOString() };
    }
  }

  private set(kept: Kept, labels: readonly string[]): void {
    kept.labels = labels;
    kept.row = { ...kept.row, updatedAt: this.now().toISOString() };
  }

  private versions(name: string): readonly Kept[] {
    return this.prompts.get(name) ?? [];
  }

  private at(name: string, version: number): Kept | undefined {
    return this.versions(name).find(({ row }) => row.version === version);
  }
}

/** A name cannot be both a variable and a placeholder of one version. */
function refuseSharedNames(prompt: LangfusePrompt): void {
  if (typeof prompt === 'string') return;
  const placeholders = prompt.flatMap((message) => ('name' in message ? [message.name] : []));
  const variables = prompt.flatMap((message) => ('content' in message ? variablesOf(message.content) : []));
  const shared = [...new Set(variables)].filter((name) => placeholders.includes(name));
  if (shared.length > 0)
    throw new Refusal(
      'InvalidRequestError',
      `Cannot create prompt, variables and placeholders must be unique, the following are not: ${shared.join(', ')}`,
    );
}

function variablesOf(text: string): string[] {
  return [...text.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name = '']) => name.trim());
}
