import type { PromptVariantContent } from './prompt-content';

/**
 * A variant of `AWS::Bedrock::Prompt` in the casing of the Bedrock API.
 *
 * Only the first letter of a name differs. Free JSON is kept as it is: `AdditionalModelRequestFields`, a tool's
 * `InputSchema.Json`, and `ToolChoice`'s `Auto` and `Any`. Fields that this registry does not know come through as well,
 * so that the content digest can refuse them by name.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bedrock-prompt-promptvariant.html
 */
export function variantFromCloudFormation(variant: Record<string, unknown>): PromptVariantContent {
  return lowerCamelCase(variant) as PromptVariantContent;
}

const FREE_JSON = new Set(['AdditionalModelRequestFields', 'Json', 'Auto', 'Any']);

function lowerCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCamelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      FREE_JSON.has(name) ? member : lowerCamelCase(member),
    ]),
  );
}
