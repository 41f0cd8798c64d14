import { stringify } from 'yaml';
import { contentDigest } from '../core/content/content-digest';
import type { PromptBlock, PromptToolChoice, PromptVariantContent } from '../core/content/prompt-content';
import { parsePromptFile } from '../core/prompt-file/prompt-file';
import { changedSections, contentDiff } from '../studio/diff/content-diff';
import { CliError } from './cli-error';
import { unsayable } from './unsayable';

export interface PromptFileSourceProps {
  readonly name: string;
  readonly variant: PromptVariantContent;
  /** Name in errors: `:3`. */
  readonly label: string;
}

/**
 * A content as a `.prompt` file that reads back as the very same content: it is parsed again and its digest compared.
 *
 * @throws CliError for what a prompt file cannot say, such as cache points
 */
export function promptFileSource({ name, variant, label }: PromptFileSourceProps): string {
  const problem = unsayable(variant);
  if (problem) throw notAFile(name, label, problem);
  try {
    const source = `---\n${stringify(frontMatter(variant), { lineWidth: 0 })}---\n${template(variant)}\n`;
    const read = parsePromptFile(source, `${name}.prompt`).variant;
    if (contentDigest(read) === contentDigest(variant)) return source;
    const changed = changedSections(contentDiff({ label: '', variant }, { label: '', variant: read }));
    throw notAFile(name, label, `${changed.map(({ title }) => title).join(', ')}, which a file would read otherwise`);
  } catch (error) {
    throw error instanceof CliError ? error : notAFile(name, label, (error as Error).message, error);
  }
}

function notAFile(name: string, label: string, problem: string, cause?: unknown): CliError {
  const parts = {
    what: `${label} cannot be written as a prompt file`,
    why: `it holds what a file cannot say: ${problem}`,
    fix: `take its JSON for PromptVariant in code: prompt-registry show ${name}${label} --json`,
  };
  return new CliError(parts, undefined, { cause });
}

function frontMatter(variant: PromptVariantContent): object {
  const { modelId, inferenceConfiguration, templateConfiguration, additionalModelRequestFields, metadata } = variant;
  const { temperature, topP, maxTokens, stopSequences } = inferenceConfiguration?.text ?? {};
  const { tools = [], toolChoice } = templateConfiguration.chat?.toolConfiguration ?? {};
  const toolDefs = tools.flatMap(({ toolSpec }) =>
    toolSpec ? [{ ...toolSpec, inputSchema: toolSpec.inputSchema.json }] : [],
  );
  const config = {
    ...(temperature !== undefined && { temperature: short(temperature) }),
    ...(topP !== undefined && { topP: short(topP) }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(stopSequences?.length && { stopSequences }),
    ...(toolChoice && { toolChoice: choiceOf(toolChoice) }),
    ...(additionalModelRequestFields !== undefined && { additionalModelRequestFields }),
  };
  const variables = (templateConfiguration.text ?? templateConfiguration.chat)?.inputVariables ?? [];
  const schema = Object.fromEntries(variables.map((variable) => [variable.name, 'string']));
  return {
    ...(modelId !== undefined && { model: modelId }),
    ...(Object.keys(config).length > 0 && { config }),
    // A file needs some front matter.
    input: { schema },
    ...(toolDefs.length > 0 && { toolDefs }),
    ...(metadata?.length && { metadata: Object.fromEntries(metadata.map(({ key, value }) => [key, value])) }),
  };
}

function choiceOf(choice: PromptToolChoice): unknown {
  if ('tool' in choice) return { tool: choice.tool.name };
  return 'any' in choice ? 'any' : 'auto';
}

/** The shortest number that is the same 32-bit float. */
function short(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}

function template({ templateConfiguration: { text, chat } }: PromptVariantContent): string {
  if (text) return written(text.text);
  const texts = (blocks: readonly PromptBlock[]) => blocks.map((block) => written(block.text ?? ''));
  const turns = [
    ...texts(chat?.system ?? []).map((turn) => `{{role "system"}}\n${turn}`),
    ...(chat?.messages ?? []).flatMap(({ role, content }) =>
      texts(content).map((turn) => `{{role "${role === 'assistant' ? 'model' : 'user'}"}}\n${turn}`),
    ),
  ];
  return turns.join('\n');
}

/**
 * What Handlebars would read otherwise: a brace behind a variable, as in JSON, is parted from it by a comment, and the
 * backslash before one is doubled.
 */
function written(text: string): string {
  return text.replace(/(\{\{[^{}]+\}\})(?=\})/g, '$1{{!}}').replace(/\\(?=\{\{[^{}]+\}\})/g, '\\\\');
}
