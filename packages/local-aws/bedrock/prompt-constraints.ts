import type { PromptVariant } from '@aws-sdk/client-bedrock-agent';
import { AwsError } from '../aws-error';
import { Constraints } from '../constraints';
import type { PromptContent } from './prompt-store';

const NAME = /^(?:([0-9a-zA-Z][_-]?){1,100})$/;
const TOKEN = /^(?:[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256})$/;
const KEY_ARN = /^(?:arn:aws(|-cn|-us-gov):kms:[a-zA-Z0-9-]*:[0-9]{12}:key\/[a-zA-Z0-9-]{36})$/;
const METADATA = /^(?:[a-zA-Z0-9\s._:/=+@-]*)$/;
const TOOL_NAME = /^(?:[a-zA-Z][a-zA-Z0-9_]*)$/;
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

interface PromptFields {
  readonly name?: string;
  readonly description?: string;
  readonly customerEncryptionKeyArn?: string;
  readonly defaultVariant?: string;
  readonly variants?: readonly PromptVariant[];
  readonly clientToken?: string;
  readonly tags?: Record<string, string>;
}

/**
 * What CreatePrompt and UpdatePrompt refuse.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_CreatePrompt.html
 */
export function checkPrompt(input: PromptFields): asserts input is PromptFields & PromptContent {
  const constraints = new Constraints();
  constraints.required(input.name, 'name');
  constraints.pattern(input.name, 'name', NAME);
  constraints.pattern(input.customerEncryptionKeyArn, 'customerEncryptionKeyArn', KEY_ARN);
  constraints.length(input.variants, 'variants', 0, 1);
  input.variants?.forEach((variant, i) => {
    checkVariant(constraints, variant, `variants.${i + 1}.member`);
  });
  addVersionFields(constraints, input);
  constraints.check();
  const { defaultVariant, variants = [] } = input;
  if (defaultVariant !== undefined && !variants.some(({ name }) => name === defaultVariant)) {
    throw invalid(`The default variant '${defaultVariant}' does not match the name of any variant of the prompt.`);
  }
  for (const { name, templateType, templateConfiguration } of variants) {
    const given = Object.keys(templateConfiguration ?? {})[0];
    if (given !== templateType?.toLowerCase()) {
      throw invalid(
        `The template type ${templateType} of variant '${name}' does not match its template configuration.`,
      );
    }
  }
}

/** What CreatePromptVersion refuses. */
export function checkPromptVersion(input: Pick<PromptFields, 'description' | 'clientToken' | 'tags'>): void {
  const constraints = new Constraints();
  addVersionFields(constraints, input);
  constraints.check();
}

export function checkTags(tags: Record<string, string> | undefined): void {
  const constraints = new Constraints();
  addTags(constraints, tags);
  constraints.check();
}

function addVersionFields(constraints: Constraints, input: Pick<PromptFields, 'description' | 'clientToken' | 'tags'>) {
  constraints.length(input.description, 'description', 1, 200);
  constraints.length(input.clientToken, 'clientToken', 33, 256);
  constraints.pattern(input.clientToken, 'clientToken', TOKEN);
  addTags(constraints, input.tags);
}

function addTags(constraints: Constraints, tags: Record<string, string> | undefined): void {
  constraints.length(tags, 'tags', 0, 200);
  for (const [key, value] of Object.entries(tags ?? {})) {
    constraints.length(key, `tags.${key}.key`, 1, 128);
    constraints.length(value, `tags.${key}.value`, 0, 256);
  }
}

function checkVariant(constraints: Constraints, variant: PromptVariant, at: string): void {
  constraints.required(variant.name, `${at}.name`);
  constraints.pattern(variant.name, `${at}.name`, NAME);
  constraints.required(variant.templateType, `${at}.templateType`);
  constraints.oneOf(variant.templateType, `${at}.templateType`, ['TEXT', 'CHAT']);
  constraints.required(variant.templateConfiguration, `${at}.templateConfiguration`);
  constraints.length(variant.modelId, `${at}.modelId`, 1, 2048);
  checkTemplate(constraints, variant, `${at}.templateConfiguration`);
  const { temperature, topP, maxTokens, stopSequences } = variant.inferenceConfiguration?.text ?? {};
  const inference = `${at}.inferenceConfiguration.text`;
  constraints.range(temperature, `${inference}.temperature`, 0, 1);
  constraints.range(topP, `${inference}.topP`, 0, 1);
  constraints.range(maxTokens, `${inference}.maxTokens`, 0, UNBOUNDED);
  constraints.length(stopSequences, `${inference}.stopSequences`, 0, 4);
  constraints.length(variant.metadata, `${at}.metadata`, 0, 50);
  variant.metadata?.forEach(({ key, value }, i) => {
    constraints.length(key, `${at}.metadata.${i + 1}.member.key`, 1, 128);
    constraints.pattern(key, `${at}.metadata.${i + 1}.member.key`, METADATA);
    constraints.length(value, `${at}.metadata.${i + 1}.member.value`, 0, 1024);
    constraints.pattern(value, `${at}.metadata.${i + 1}.member.value`, METADATA);
  });
}

function checkTemplate(constraints: Constraints, { templateConfiguration }: PromptVariant, at: string): void {
  const { text, chat } = templateConfiguration ?? {};
  if (text) {
    constraints.required(text.text, `${at}.text.text`);
    constraints.length(text.text, `${at}.text.text`, 1, UNBOUNDED);
  }
  if (chat) {
    constraints.required(chat.messages, `${at}.chat.messages`);
    chat.messages?.forEach(({ role }, i) => {
      constraints.oneOf(role, `${at}.chat.messages.${i + 1}.member.role`, ['user', 'assistant']);
    });
    constraints.length(chat.toolConfiguration?.tools, `${at}.chat.toolConfiguration.tools`, 1, UNBOUNDED);
    chat.toolConfiguration?.tools?.forEach(({ toolSpec }, i) => {
      const tool = `${at}.chat.toolConfiguration.tools.${i + 1}.member.toolSpec.name`;
      constraints.length(toolSpec?.name, tool, 1, 64);
      constraints.pattern(toolSpec?.name, tool, TOOL_NAME);
    });
  }
  const variables = text?.inputVariables ?? chat?.inputVariables;
  constraints.length(variables, `${at}.inputVariables`, 0, 20);
  variables?.forEach(({ name }, i) => {
    constraints.pattern(name, `${at}.inputVariables.${i + 1}.member.name`, NAME);
  });
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
