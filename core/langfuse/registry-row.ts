import type { PromptBlock, PromptVariantContent } from '../content/prompt-content';
import { describedNote } from '../contract/version-description';
import type { LangfuseMessage, LangfusePrompt, PromptRow } from './prompt-row';
import type { RegistryVersion } from './registry-source';

export interface RowPlace {
  readonly name: string;
  readonly version: number;
  readonly versionArn: string;
  readonly projectId: string;
  /** Put before the model's id: LiteLLM takes `config.model` for the model to call, and knows Bedrock's as `bedrock/…`. */
  readonly modelPrefix: string;
}

/** A version as Langfuse would have it. Nothing of its text is changed. */
export function registryRow(version: RegistryVersion, place: RowPlace): PromptRow {
  const { digest, description, variant, archivedAt } = version;
  const { name, versionArn, projectId, modelPrefix } = place;
  return {
    id: versionArn,
    createdAt: archivedAt,
    updatedAt: archivedAt,
    projectId,
    createdBy: 'API',
    prompt: promptOf(variant),
    name,
    version: place.version,
    type: variant.templateType === 'CHAT' ? 'chat' : 'text',
    config: configOf(variant, modelPrefix),
    tags: tagsOf(variant),
    commitMessage: describedNote(description) || null,
    // Fields that clients do not know they keep; LiteLLM and others read `config` as options of the call.
    digest,
    versionArn,
  };
}

function promptOf({ templateConfiguration: { text, chat } }: PromptVariantContent): LangfusePrompt {
  if (text) return text.text;
  const system = textOf(chat.system ?? []);
  const messages: LangfuseMessage[] = chat.messages.map(({ role, content }) => ({ role, content: textOf(content) }));
  return system === '' ? messages : [{ role: 'system', content: system }, ...messages];
}

/** As `compile` joins them; cache points have no place there. */
function textOf(blocks: readonly PromptBlock[]): string {
  return blocks.flatMap(({ text }) => text ?? []).join('\n');
}

function configOf(variant: PromptVariantContent, modelPrefix: string): Record<string, unknown> {
  const { modelId, inferenceConfiguration, additionalModelRequestFields, templateConfiguration } = variant;
  const { temperature, topP, maxTokens, stopSequences } = inferenceConfiguration?.text ?? {};
  const { tools, toolChoice } = templateConfiguration.chat?.toolConfiguration ?? {};
  const specs = tools?.flatMap(({ toolSpec }) => toolSpec ?? []);
  const config = {
    ...(additionalModelRequestFields as Record<string, unknown> | undefined),
    model: modelId && `${modelPrefix}${modelId}`,
    temperature: plain(temperature),
    top_p: plain(topP),
    max_tokens: maxTokens,
    stop: stopSequences?.length ? stopSequences : undefined,
    tools: specs?.length ? specs : undefined,
    tool_choice: toolChoice,
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** Bedrock keeps a 32-bit float and answers 0.2 as 0.20000000298023224. */
function plain(number: number | undefined): number | undefined {
  return number === undefined ? undefined : Number(Math.fround(number).toPrecision(7));
}

/** One: Bedrock takes no comma in a value. */
function tagsOf({ metadata = [] }: PromptVariantContent): string[] {
  return metadata.flatMap(({ key, value }) => (key === 'tags' && value.trim() !== '' ? [value.trim()] : []));
}
