import { stringify } from 'yaml';
import { contentDigest } from '../core/content-digest';
import type { PromptBlock, PromptVariantContent } from '../core/prompt-content';
import { parsePromptFile } from '../core/prompt-file';
import { CliError } from './cli-error';

export interface PromptFileSourceProps {
  readonly name: string;
  readonly variant: PromptVariantContent;
  /** Name in errors: `:3`. */
  readonly label: string;
}

/**
 * A content as a `.prompt` file that reads back as the very same content: it is parsed again and its digest compared.
 *
 * @throws CliError for what a prompt file cannot say, such as tools or cache points
 */
export function promptFileSource({ name, variant, label }: PromptFileSourceProps): string {
  const source = `---\n${stringify(frontMatter(variant), { lineWidth: 0 })}---\n${template(variant)}\n`;
  const digest = contentDigest(variant);
  let problem: string | undefined;
  try {
    const read = contentDigest(parsePromptFile(source, `${name}.prompt`).variant);
    if (read === digest) return source;
    problem = unsayable(variant) ?? 'white space at its ends, or text that a prompt file reads otherwise';
  } catch (error) {
    problem = unsayable(variant) ?? (error as Error).message;
  }
  throw new CliError({
    what: `${label} cannot be written as a prompt file`,
    why: `it holds what a file cannot say: ${problem}`,
    fix: `take its JSON for PromptVariant in code: prompt-registry show ${name}${label} --json`,
  });
}

function frontMatter({ modelId, inferenceConfiguration, templateConfiguration }: PromptVariantContent): object {
  const { temperature, topP, maxTokens, stopSequences } = inferenceConfiguration?.text ?? {};
  const config = {
    ...(temperature !== undefined && { temperature: short(temperature) }),
    ...(topP !== undefined && { topP: short(topP) }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(stopSequences?.length && { stopSequences }),
  };
  const variables = (templateConfiguration.text ?? templateConfiguration.chat)?.inputVariables ?? [];
  const schema = Object.fromEntries(variables.map((variable) => [variable.name, 'string']));
  return {
    ...(modelId !== undefined && { model: modelId }),
    ...(Object.keys(config).length > 0 && { config }),
    // A file needs some front matter.
    input: { schema },
  };
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
  if (text) return text.text;
  const texts = (blocks: readonly PromptBlock[]) => blocks.map((block) => block.text ?? '');
  const turns = [
    ...texts(chat?.system ?? []).map((turn) => `{{role "system"}}\n${turn}`),
    ...(chat?.messages ?? []).flatMap(({ role, content }) =>
      texts(content).map((turn) => `{{role "${role === 'assistant' ? 'model' : 'user'}"}}\n${turn}`),
    ),
  ];
  return turns.join('\n');
}

function unsayable({ templateConfiguration, additionalModelRequestFields, genAiResource }: PromptVariantContent) {
  const { text, chat } = templateConfiguration;
  const blocks = [...(chat?.system ?? []), ...(chat?.messages ?? []).flatMap(({ content }) => content)];
  if (chat?.toolConfiguration) return 'tools';
  if (text?.cachePoint || blocks.some(({ cachePoint }) => cachePoint)) return 'cache points';
  if (additionalModelRequestFields) return 'additional model request fields';
  if (genAiResource) return 'an agent';
  return undefined;
}
