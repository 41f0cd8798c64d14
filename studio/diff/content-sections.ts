import type {
  PromptBlock,
  PromptInference,
  PromptTool,
  PromptToolChoice,
  PromptVariantContent,
  TextPromptTemplate,
} from '../../core/content/prompt-content';

/** One part of a prompt's content, as text to read and compare. */
export interface ContentSection {
  /** The same for the same part of two contents: `model`, `system`, `tool get_price`, `message`. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
  /** Compared as a whole: a model's id is one word. */
  readonly atomic?: true;
}

/**
 * A variant in parts that are compared each on its own: model, settings, variables, system text, messages, tools, and
 * whatever field this version does not know, as JSON: nothing that is there is left out.
 */
export function contentSections(variant: PromptVariantContent): ContentSection[] {
  const { name: _, templateType, templateConfiguration, modelId, inferenceConfiguration, ...rest } = variant;
  const { additionalModelRequestFields, genAiResource, metadata, ...unknown } = rest;
  const { text, chat } = templateConfiguration ?? {};
  const { text: inference, ...otherInference } = (inferenceConfiguration ?? {}) as Record<string, unknown>;
  const sections = [
    value('type', templateType ?? ''),
    value('model', modelId ?? ''),
    section('settings', settings((inference ?? {}) as PromptInference)),
    section('other settings', json(otherInference)),
    section('variables', (text ?? chat)?.inputVariables?.map(({ name }) => name).join('\n') ?? ''),
    ...(text ? textSections(text) : []),
    ...(chat ? chatSections(chat) : []),
    section('additional model request fields', json(additionalModelRequestFields)),
    value('agent', genAiResource?.agent?.agentIdentifier ?? ''),
    section('metadata', (metadata ?? []).map(({ key, value }) => `${key}: ${value}`).join('\n')),
    section('other fields', json(unknown)),
  ];
  return sections.filter((part) => part.text !== '');
}

function textSections({ text, cachePoint, inputVariables: _, ...unknown }: TextPromptTemplate): ContentSection[] {
  return [
    section('text', text),
    section('cache point', json(cachePoint)),
    section('other template fields', json(unknown)),
  ];
}

type Chat = NonNullable<PromptVariantContent['templateConfiguration']['chat']>;

function chatSections({ system, messages, toolConfiguration, inputVariables: _, ...unknown }: Chat): ContentSection[] {
  const { tools = [], toolChoice, ...otherTools } = toolConfiguration ?? { tools: [] };
  return [
    section('system', blocks(system ?? [])),
    ...(messages ?? []).map(({ role, content, ...other }, index) => ({
      key: 'message',
      title: `message ${index + 1} (${role})`,
      text: [blocks(content ?? []), json(other)].filter(Boolean).join('\n') || '(empty)',
    })),
    ...tools.map(toolSection),
    section('tool choice', choice(toolChoice)),
    section('other tool fields', json(otherTools)),
    section('other template fields', json(unknown)),
  ];
}

function toolSection(tool: PromptTool, index: number): ContentSection {
  if (!tool.toolSpec) return { key: `tool ${index + 1}`, title: `tool ${index + 1}`, text: json(tool) };
  const { name, description, inputSchema, ...other } = tool.toolSpec;
  const parts = [description ?? '', json(inputSchema?.json), json(other)];
  const title = `tool ${name}`;
  return { key: title, title, text: parts.filter(Boolean).join('\n') || '(empty)' };
}

function section(key: string, text: string): ContentSection {
  return { key, title: key, text };
}

function value(key: string, text: string): ContentSection {
  return { ...section(key, text), atomic: true };
}

function blocks(list: readonly PromptBlock[]): string {
  return list.map((block) => block.text ?? `[${json(block)}]`).join('\n');
}

function choice(toolChoice: PromptToolChoice | undefined): string {
  if (!toolChoice) return '';
  if ('tool' in toolChoice && toolChoice.tool) return `tool ${toolChoice.tool.name}`;
  return Object.keys(toolChoice).join(' ');
}

function settings({ temperature, topP, maxTokens, stopSequences, ...unknown }: PromptInference): string {
  const lines: [string, unknown][] = [
    ['temperature', shortFloat(temperature)],
    ['topP', shortFloat(topP)],
    ['maxTokens', maxTokens],
    ...(stopSequences ?? []).map((stop): [string, unknown] => ['stop sequence', JSON.stringify(stop)]),
    ...Object.entries(unknown),
  ];
  return lines
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/** Bedrock keeps 32-bit floats and answers 0.2 as 0.20000000298023224: the shortest number that means the same. */
function shortFloat(value: number | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}

function json(value: unknown): string {
  const isEmpty =
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? '' : JSON.stringify(value, null, 2);
}
