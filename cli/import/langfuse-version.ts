import type { PromptBlock, PromptMessage, PromptVariantContent } from '../../core/content/prompt-content';
import { templateVariables } from '../../core/content/template-variables';
import { dependencyTags } from '../../core/langfuse/dependency-tag';
import { langfuseConfig } from './langfuse-config';
import { mustacheText } from './mustache-text';
import { changed, type Loss, refused, type SourceVersion } from './source-version';

/** A version as Langfuse's API answers it; whatever a server says beyond the protocol is not trusted. */
export interface LangfuseRow {
  readonly name: string;
  readonly version: number;
  readonly type?: unknown;
  readonly prompt: unknown;
  readonly config?: unknown;
  readonly labels?: unknown;
  readonly tags?: unknown;
  readonly commitMessage?: unknown;
  readonly createdAt?: unknown;
  readonly resolutionGraph?: unknown;
}

export interface LangfuseChoice {
  /** Whether `row` holds the texts of the prompts that it is composed of. */
  readonly isFlat: boolean;
  /** The model of prompts that name none that Bedrock has. */
  readonly model?: string;
}

/** A version of Langfuse as content of a Bedrock prompt, with all that is not the same then. */
export function langfuseVersion(row: LangfuseRow, choice: LangfuseChoice): SourceVersion {
  const { name, version, prompt } = row;
  const isChat = Array.isArray(prompt);
  const losses: Loss[] = [...compositionLosses(row, choice)];
  const template = isChat ? chatTemplate(prompt, losses) : textTemplate(prompt, losses);
  const settings = langfuseConfig(row.config, isChat, choice.model, losses);
  const metadata = tagsOf(row.tags, losses);
  const labels = texts(row.labels);
  const { tools, ...others } = settings;
  const variant = template && {
    templateType: isChat ? ('CHAT' as const) : ('TEXT' as const),
    templateConfiguration: template.chat ? { chat: { ...template.chat, ...tools } } : template,
    ...others,
    ...metadata,
  };
  return {
    name,
    version,
    time: typeof row.createdAt === 'string' ? row.createdAt : '',
    note: typeof row.commitMessage === 'string' ? row.commitMessage : '',
    labels,
    variant: variant as PromptVariantContent | undefined,
    losses,
    trailers: [
      ['Langfuse-Prompt', name],
      ['Langfuse-Version', String(version)],
      ...(labels.length > 0 ? [['Langfuse-Labels', labels.join(', ')] as const] : []),
      ...(graphOf(row).length > 0 ? [['Langfuse-Composed-Of', graphOf(row).join(', ')] as const] : []),
    ],
  };
}

/** The prompts in a prompt, as the tags in its text and the server name them. */
export function isComposed(row: LangfuseRow): boolean {
  return typeof row.prompt === 'string' || Array.isArray(row.prompt)
    ? dependencyTags(row.prompt as string).length > 0 || graphOf(row).length > 0
    : false;
}

function compositionLosses(row: LangfuseRow, { isFlat }: LangfuseChoice): Loss[] {
  if (!isComposed(row)) return [];
  const named = dependencyTags(row.prompt as string).map((tag) =>
    tag.type === 'version' ? `${tag.name} version ${tag.version}` : `${tag.name} label ${tag.label}`,
  );
  if (isFlat && named.length === 0) {
    const fix = 'what the prompts share can be a partial: docs/prompt-files.md';
    return [changed(`composed of ${graphOf(row).join(', ')}, whose texts are written out`, fix)];
  }
  const found = [...named, ...graphOf(row)].join(', ');
  return [refused(`composed of ${found}`, 'add --flatten to take the text as it is put together now')];
}

function graphOf({ resolutionGraph }: LangfuseRow): string[] {
  const { dependencies } = (resolutionGraph ?? {}) as {
    dependencies?: Record<string, { name: string; version: number }[]>;
  };
  const nodes = Object.values(dependencies ?? {}).flat();
  return [...new Set(nodes.map(({ name, version }) => `${name} version ${version}`))];
}

type Template =
  | { readonly text: { text: string; inputVariables?: { name: string }[] }; readonly chat?: undefined }
  | {
      readonly chat: { system?: PromptBlock[]; messages: PromptMessage[]; inputVariables?: { name: string }[] };
      readonly text?: undefined;
    };

function textTemplate(prompt: unknown, losses: Loss[]): Template | undefined {
  if (typeof prompt !== 'string') {
    losses.push(refused(`the prompt is no text: ${JSON.stringify(prompt)}`, 'write it in code'));
    return undefined;
  }
  const text = plain(prompt, 'the text', losses);
  return text === undefined ? undefined : { text: { text, ...variablesOf([text]) } };
}

function chatTemplate(prompt: readonly unknown[], losses: Loss[]): Template | undefined {
  const system: PromptBlock[] = [];
  const messages: PromptMessage[] = [];
  let isWhole = true;
  for (const [index, message] of prompt.entries()) {
    const read = readMessage(message, `message ${index + 1}`, losses);
    if (!read) isWhole = false;
    else if (read.role === 'system') {
      if (messages.length > 0) {
        const fix = 'Bedrock keeps system text apart from messages: write it at the beginning';
        losses.push(changed(`message ${index + 1} is system text after other messages: it is moved to the front`, fix));
      }
      if (system.length === 1) {
        losses.push(changed('several system messages: they become one system text of several blocks', 'join them'));
      }
      system.push({ text: read.text });
    } else messages.push({ role: read.role, content: [{ text: read.text }] });
  }
  if (!isWhole) return undefined;
  const all = [...system, ...messages.flatMap(({ content }) => content)].map(({ text = '' }) => text);
  return { chat: { messages, ...(system.length > 0 && { system }), ...variablesOf(all) } };
}

function readMessage(message: unknown, place: string, losses: Loss[]) {
  const { type, role, content, ...others } = (message ?? {}) as Record<string, unknown>;
  if (type === 'placeholder') {
    const fix = 'leave it out: the caller sends its messages with Converse, after those of the prompt';
    losses.push(refused(`${place} is the placeholder ${String(others.name)}`, fix));
    return undefined;
  }
  if (typeof content !== 'string') {
    losses.push(refused(`${place} has content that is no text: ${JSON.stringify(content)}`, 'write it in code'));
    return undefined;
  }
  const left = Object.keys(others);
  if (left.length > 0)
    losses.push(changed(`${place} has ${left.join(', ')}: left out`, 'Bedrock messages have role and text'));
  const text = plain(content, place, losses);
  if (role !== 'system' && role !== 'user' && role !== 'assistant') {
    const fix = 'Bedrock has system, user and assistant: choose one of them';
    losses.push(refused(`${place} has the role ${JSON.stringify(role)}`, fix));
    return undefined;
  }
  return text === undefined ? undefined : ({ role, text } as const);
}

/** Undefined where it cannot be a text of Bedrock's. */
function plain(source: string, place: string, losses: Loss[]): string | undefined {
  const { text, losses: found } = mustacheText(source, place);
  losses.push(...found);
  if (found.some(({ isRefused }) => isRefused)) return undefined;
  if (text.includes('\r\n')) {
    losses.push(changed(`${place} has line ends of Windows: they become \\n`, 'none is needed: models read both'));
  }
  const kept = text.replaceAll('\r\n', '\n').trim();
  if (kept === '') {
    losses.push(refused(`${place} is blank`, 'Converse refuses blank text: write some, or leave it out'));
    return undefined;
  }
  if (kept !== text.replaceAll('\r\n', '\n')) {
    losses.push(
      changed(`${place} begins or ends with white space: it is left out`, 'where it matters, write the prompt in code'),
    );
  }
  return kept;
}

function variablesOf(all: readonly string[]): { inputVariables?: { name: string }[] } {
  const names = [...new Set(all.flatMap((text) => templateVariables(text).names))];
  return names.length > 0 ? { inputVariables: names.map((name) => ({ name })) } : {};
}

/** The endpoint reads tags from the metadata, whose values Bedrock holds to some characters, no comma among them. */
function tagsOf(found: unknown, losses: Loss[]): { metadata?: { key: string; value: string }[] } {
  const tags = texts(found);
  const [tag = ''] = tags;
  if (tags.length === 0) return {};
  if (tags.length === 1 && /^[a-zA-Z0-9\s._:/=+@-]{1,1024}$/.test(tag))
    return { metadata: [{ key: 'tags', value: tag }] };
  const fix = 'Bedrock keeps one, of letters, digits, spaces and ._:/=+@-: give the prompt resource tags of AWS';
  losses.push(changed(`tags ${tags.join(', ')}: left out`, fix));
  return {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
