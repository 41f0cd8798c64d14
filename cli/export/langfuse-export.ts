import type { PromptBlock, PromptVariantContent } from '../../core/content/prompt-content';
import { dependencyTags } from '../../core/langfuse/dependency-tag';
import type { LangfusePrompt } from '../../core/langfuse/prompt-row';
import { registryRow } from '../../core/langfuse/registry-row';
import { changed, type Loss, refused } from '../import/source-version';

/** A version of the registry, with the aliases that point to it. */
export interface ExportedSource {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly description: string;
  readonly variant: PromptVariantContent;
  readonly aliases: readonly string[];
  readonly isWithdrawn: boolean;
}

/** What Langfuse's API takes to make a version. */
export interface CreateBody {
  readonly name: string;
  readonly type: 'text' | 'chat';
  readonly prompt: LangfusePrompt;
  readonly config: Readonly<Record<string, unknown>>;
  readonly labels: readonly string[];
  readonly tags: readonly string[];
  readonly commitMessage?: string;
}

export interface ExportedVersion {
  readonly name: string;
  readonly version: number;
  /** Null where Langfuse would make another text of it. */
  readonly body: CreateBody | null;
  readonly losses: readonly Loss[];
}

/** A version as Langfuse takes it: `import langfuse` reads the same content back, if there is no loss. */
export function langfuseExport(source: ExportedSource): ExportedVersion {
  const { name, version, digest, description, variant, aliases, isWithdrawn } = source;
  const place = { name, version, versionArn: '', projectId: '', modelPrefix: '' };
  const row = registryRow({ digest, description, variant, archivedAt: '' }, place);
  const losses = [...contentLosses(variant), ...textLosses(row.prompt)];
  if (isWithdrawn)
    losses.push(refused('it is withdrawn: nobody may call it', 'Langfuse cannot withdraw; leave it out'));
  if (losses.some(({ isRefused }) => isRefused)) return { name, version, body: null, losses };
  return {
    name,
    version,
    losses,
    body: {
      name,
      type: row.type,
      prompt: row.prompt,
      config: nested(row.config as Record<string, unknown>, variant.additionalModelRequestFields),
      labels: aliases.map((alias) => (alias === 'PROD' ? 'production' : alias.toLowerCase())),
      tags: row.tags,
      ...(row.commitMessage !== null && { commitMessage: row.commitMessage }),
    },
  };
}

/** In a field of their own they are known again; the endpoint puts them next to the others, for LiteLLM. */
function nested(config: Readonly<Record<string, unknown>>, fields: unknown): Record<string, unknown> {
  if (fields === undefined) return { ...config };
  const own = ['model', 'temperature', 'top_p', 'max_tokens', 'stop', 'tools', 'tool_choice'];
  const others = Object.entries(config).filter(([key]) => own.includes(key));
  return { ...Object.fromEntries(others), additional_model_request_fields: fields };
}

function* contentLosses(variant: PromptVariantContent): Generator<Loss> {
  const { text, chat } = variant.templateConfiguration;
  const blocks = [...(chat?.system ?? []), ...(chat?.messages ?? []).flatMap(({ content }) => content)];
  const tools = chat?.toolConfiguration?.tools ?? [];
  if (text?.cachePoint || [...blocks, ...tools].some(({ cachePoint }) => cachePoint)) {
    yield changed('cache points: left out', 'Langfuse has no place for them');
  }
  const isSplit = (all: readonly PromptBlock[]) => all.filter((block) => block.text !== undefined).length > 1;
  if (isSplit(chat?.system ?? []) || chat?.messages.some(({ content }) => isSplit(content))) {
    yield changed('texts of several blocks: joined by line ends', 'write one block');
  }
  const left = (variant.metadata ?? []).filter(({ key }) => key !== 'tags').map(({ key }) => key);
  if (left.length > 0) yield changed(`metadata ${left.join(', ')}: left out`, 'Langfuse keeps tags only');
}

function* textLosses(prompt: LangfusePrompt): Generator<Loss> {
  if (dependencyTags(prompt).length > 0) {
    yield refused('Langfuse would put another prompt in the place of @@@langfusePrompt:…@@@', 'write it another way');
  }
}
