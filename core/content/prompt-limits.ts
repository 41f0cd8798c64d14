import { DESCRIPTION_LENGTH } from '../contract/bedrock-limits';
import { RegistryError } from '../registry-error';
import { visibleText } from '../text/visible-text';
import { conversationProblems } from './conversation';
import type { PromptVariantContent } from './prompt-content';
import { templateVariables, VARIABLE_NAME_PATTERN } from './template-variables';

/**
 * Bedrock's limits on prompts; lengths in characters.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_PromptVariant.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-prompt.html
 * @see https://docs.aws.amazon.com/general/latest/gr/bedrock.html for the number of versions
 */
export const PROMPT_LIMITS = {
  versionsPerPrompt: 10,
  descriptionLength: DESCRIPTION_LENGTH,
  textLength: 200_000,
  inputVariables: 20,
  modelIdLength: 2048,
  stopSequences: 4,
  maxTokens: 512_000,
  metadataPairs: 50,
  metadataKeyLength: 128,
  metadataValueLength: 1024,
  toolNameLength: 64,
} as const;

/**
 * Checks a variant against Bedrock's rules: template against type, variables used but not declared and the reverse,
 * counts, lengths and ranges.
 *
 * @param where begins the error: a construct's path or a file's name
 * @param isUnresolved tells values that are not known yet (CDK tokens); they are left to AWS
 * @throws RegistryError `InvalidPrompt` with everything that was found
 */
export function checkVariant(
  variant: PromptVariantContent,
  where: string,
  isUnresolved: (value: unknown) => boolean = () => false,
): void {
  const problems = [
    ...templateProblems(variant, isUnresolved),
    ...conversationProblems(variant.templateConfiguration, isUnresolved),
    ...toolProblems(variant, isUnresolved),
    ...settingProblems(variant, isUnresolved),
    ...metadataProblems(variant, isUnresolved),
  ];
  if (problems.length > 0) throw new RegistryError('InvalidPrompt', visibleText(`${where}: ${problems.join('; ')}`));
}

type IsUnresolved = (value: unknown) => boolean;

function* templateProblems(variant: PromptVariantContent, isUnresolved: IsUnresolved): Generator<string> {
  const { text, chat } = variant.templateConfiguration;
  const expected = { TEXT: 'text', CHAT: 'chat' }[variant.templateType];
  if (!variant.templateConfiguration[expected as 'text' | 'chat'] || (text && chat)) {
    const found = [text && 'text', chat && 'chat'].filter(Boolean).join(' and ') || 'none';
    yield `template type ${variant.templateType} needs exactly a ${expected} template, found ${found}`;
  }
  const texts = templateTexts(variant);
  for (const part of texts) {
    if (isUnresolved(part)) continue;
    yield* lengthProblems('a template text', part, 1, PROMPT_LIMITS.textLength);
    // "The text field in the ContentBlock object at messages.0.content.0 is blank."
    if (part !== '' && part.trim() === '') yield 'a template text is blank: Converse refuses it; write some';
  }
  const declared = (text ?? chat)?.inputVariables ?? [];
  yield* countProblems('input variables', declared, PROMPT_LIMITS.inputVariables);
  if (declared.every(({ name }) => !isUnresolved(name))) {
    yield* variableProblems(
      texts.filter((part) => !isUnresolved(part)),
      declared.map(({ name }) => name),
      texts.some(isUnresolved),
    );
  }
}

function templateTexts({ templateConfiguration: { text, chat } }: PromptVariantContent): string[] {
  const blocks = [...(chat?.system ?? []), ...(chat?.messages ?? []).flatMap((message) => message.content)];
  return [...(text ? [text.text] : []), ...blocks.flatMap((block) => block.text ?? [])];
}

function* variableProblems(texts: string[], declared: string[], someUnknown: boolean): Generator<string> {
  const used = texts.map(templateVariables);
  for (const found of used.flatMap(({ unfillable }) => unfillable)) {
    yield `Bedrock fills {{name}} without spaces and nothing else in double braces, found ${JSON.stringify(found)}`;
  }
  const names = new Set(used.flatMap(({ names }) => names));
  for (const name of names) {
    if (!declared.includes(name)) yield `the template uses {{${name}}}, which is not declared as an input variable`;
  }
  for (const name of new Set(declared)) {
    if (!new RegExp(VARIABLE_NAME_PATTERN).test(name)) yield badVariableName(name);
    else if (!names.has(name) && !someUnknown)
      yield `input variable ${name} is declared, but the template never uses it`;
  }
  for (const name of new Set(declared.filter((name, index) => declared.indexOf(name) !== index))) {
    yield `input variable ${name} is declared twice`;
  }
}

function badVariableName(name: string): string {
  return `an input variable's name must be 1 to 100 letters and digits, each followed by at most one _ or -, found ${JSON.stringify(name)}`;
}

function* toolProblems({ templateConfiguration }: PromptVariantContent, isUnresolved: IsUnresolved): Generator<string> {
  const { tools, toolChoice } = templateConfiguration.chat?.toolConfiguration ?? {};
  if (!tools) return;
  const names = tools.flatMap((tool) => tool.toolSpec?.name ?? []);
  if (tools.every(({ toolSpec }) => toolSpec === undefined)) yield 'a tool configuration needs at least one tool';
  for (const name of names.filter((name) => !isUnresolved(name))) yield* toolNameProblems(name);
  for (const { toolSpec } of tools) {
    // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_ToolSpecification.html
    if (toolSpec?.description === '') yield `the description of tool ${toolSpec.name} is empty: leave it out`;
  }
  const chosen = toolChoice && 'tool' in toolChoice ? toolChoice.tool.name : undefined;
  if (chosen !== undefined && ![chosen, ...names].some(isUnresolved) && !names.includes(chosen)) {
    yield `the tool choice names ${chosen}, but the tools are ${names.join(', ')}`;
  }
}

function* toolNameProblems(name: string): Generator<string> {
  if (/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/.test(name)) return;
  yield `a tool's name must be a letter and then at most ${PROMPT_LIMITS.toolNameLength - 1} letters, digits or _, found ${JSON.stringify(name)}`;
}

function* settingProblems(variant: PromptVariantContent, isUnresolved: IsUnresolved): Generator<string> {
  const { modelId, inferenceConfiguration } = variant;
  if (modelId !== undefined && !isUnresolved(modelId)) {
    yield* lengthProblems('the model id', modelId, 1, PROMPT_LIMITS.modelIdLength);
  }
  const { temperature, topP, maxTokens, stopSequences } = inferenceConfiguration?.text ?? {};
  for (const [name, value, max] of [
    ['temperature', temperature, 1],
    ['topP', topP, 1],
    ['maxTokens', maxTokens, PROMPT_LIMITS.maxTokens],
  ] as const) {
    if (value !== undefined && !isUnresolved(value)) yield* rangeProblems(name, value, max, name === 'maxTokens');
  }
  if (stopSequences && !isUnresolved(stopSequences)) {
    yield* countProblems('stop sequences', stopSequences, PROMPT_LIMITS.stopSequences);
  }
}

function* metadataProblems({ metadata = [] }: PromptVariantContent, isUnresolved: IsUnresolved): Generator<string> {
  yield* countProblems('metadata pairs', metadata, PROMPT_LIMITS.metadataPairs);
  for (const [what, values, min, max] of [
    ['a metadata key', metadata.map(({ key }) => key), 1, PROMPT_LIMITS.metadataKeyLength],
    ['a metadata value', metadata.map(({ value }) => value), 0, PROMPT_LIMITS.metadataValueLength],
  ] as const) {
    for (const value of values.filter((value) => !isUnresolved(value))) {
      yield* lengthProblems(what, value, min, max);
      if (!/^[a-zA-Z0-9\s._:/=+@-]*$/.test(value)) {
        yield `${what} takes letters, digits, spaces and ._:/=+@- only, found ${JSON.stringify(value)}`;
      }
    }
  }
}

function* rangeProblems(what: string, value: number, max: number, whole: boolean): Generator<string> {
  if (value >= 0 && value <= max && (!whole || Number.isInteger(value))) return;
  yield `${what} must be ${whole ? 'a whole number ' : ''}from 0 to ${max}, found ${value}`;
}

function* lengthProblems(what: string, value: string, min: number, max: number): Generator<string> {
  if (value.length >= min && value.length <= max) return;
  yield `${what} must have ${min} to ${max} characters, found ${value.length}`;
}

function* countProblems(what: string, list: readonly unknown[], max: number): Generator<string> {
  if (list.length > max) yield `at most ${max} ${what} are allowed, found ${list.length}`;
}
