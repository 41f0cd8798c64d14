import { Stack, Token } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { variantFromCloudFormation } from '../../core/content/cloudformation-variant';
import { contentDigest } from '../../core/content/content-digest';
import { conversationProblems } from '../../core/content/conversation';
import { FREE_JSON_IN_CONTENT, freeJsonOf, holdsTypedValue } from '../../core/content/free-json';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { templateValueProblems } from '../../core/content/template-values';
import { asciiJson } from '../../core/text/ascii-json';
import { atConstruct, constructError } from './construct-error';
import { isIntrinsic } from './content-with-values';

/**
 * What a prompt's version will hold: its content digest, or the content itself where only the deployment knows it.
 *
 * It is taken from the resolved resource, as `lambda.Function.currentVersion` does: what aspects and overrides change
 * counts, what is no content (name, description, tags, key) does not.
 */
export type PredictedContent =
  | { readonly digest: string; readonly content?: undefined }
  | { readonly digest?: undefined; readonly content: unknown };

export function predictContent(prompt: CfnPrompt): PredictedContent {
  const variant = resolvedVariant(prompt);
  const known = predicted.get(variant);
  if (known) return known;
  const content = holdsIntrinsic(variant)
    ? { content: variant }
    : { digest: atConstruct(prompt, () => contentDigest(variantFromCloudFormation(variant))) };
  predicted.set(variant, content);
  return content;
}

const predicted = new WeakMap<object, PredictedContent>();

/** What CloudFormation would refuse or change in the prompt as it is deployed, aspects and overrides included. */
export function templateProblems(prompt: CfnPrompt): string[] {
  const variant = variantFromCloudFormation(resolvedVariant(prompt));
  const { templateConfiguration } = variant as Partial<PromptVariantContent>;
  return [
    ...Object.entries(variant).flatMap(([name, value]) => [
      ...templateValueProblems(value, name, { callsAreMeant: true }),
    ]),
    ...(templateConfiguration ? conversationProblems(templateConfiguration, (value) => typeof value !== 'string') : []),
  ];
}

/**
 * The free JSON of a prompt as `Custom::PromptVersion` declares it: a text, in which numbers and booleans keep their
 * types. Undefined where it holds none: then CloudFormation can change no types.
 */
export function declaredFreeJson(prompt: CfnPrompt): string | undefined {
  const variant = resolvedVariant(prompt);
  const documents = freeJsonOf(variantFromCloudFormation(variant));
  if (!documents.some((document) => holdsTypedValue(document) || holdsIntrinsic(document))) return undefined;
  return holdsIntrinsic(variant) ? FREE_JSON_IN_CONTENT : asciiJson(documents);
}

/** The content as the template has it; not to be changed, since it is resolved once for all who ask. */
export function resolvedVariant(prompt: CfnPrompt): Readonly<Record<string, unknown>> {
  const literal = literalOf(prompt);
  const known = resolved.get(prompt);
  if (known && known.literal === literal) return known.variant;
  const variant = resolve(prompt);
  if (literal === undefined) resolved.delete(prompt);
  else resolved.set(prompt, { literal, variant });
  return variant;
}

const resolved = new WeakMap<CfnPrompt, { readonly literal: string; readonly variant: Record<string, unknown> }>();

/**
 * All that the resolved content depends on, as text: it is asked for ten times in a synthesis, and resolving takes thirty
 * times as long as this. Undefined where there are tokens, which resolve to one thing now and to another later, or what
 * JSON cannot represent.
 */
function literalOf(prompt: CfnPrompt): string | undefined {
  const { rawOverrides } = prompt as unknown as { readonly rawOverrides: unknown };
  let isLiteral = true;
  const literal = JSON.stringify([prompt.variants, rawOverrides], function (this: Record<string, unknown>, key) {
    // As it stands there: tokens write themselves to JSON as texts.
    const value = this[key];
    if (Token.isUnresolved(value) || typeof value === 'bigint' || typeof value === 'function') isLiteral = false;
    // An override that is undefined deletes.
    return value === undefined ? UNDEFINED : isLiteral && value;
  });
  return isLiteral ? literal : undefined;
}

const UNDEFINED = '\0undefined';

function resolve(prompt: CfnPrompt): Record<string, unknown> {
  const stack = Stack.of(prompt);
  const template = stack.resolve(prompt._toCloudFormation());
  const resource = Object.values(template.Resources)[0] as { Properties: { Variants?: unknown } };
  const variants = resource.Properties.Variants;
  if (!Array.isArray(variants) || variants.length !== 1) {
    const count = Array.isArray(variants) ? variants.length : variants === undefined ? 0 : undefined;
    throw constructError(
      prompt,
      'InvalidPrompt',
      count === 0
        ? 'expected exactly one variant, found none: declare the content in variants of the CfnPrompt, or publish nothing from it'
        : `expected exactly one variant, found ${count ?? 'a token for all of them'}: keep one variant per prompt, and put alternatives into versions or prompts of their own`,
    );
  }
  // No content: a token in the metadata, such as a commit, must not hide the digest.
  const { Name: _name, Metadata: _metadata, ...variant } = variants[0] as Record<string, unknown>;
  return variant;
}

function holdsIntrinsic(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(holdsIntrinsic);
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' && value.includes('{{resolve:');
  }
  return isIntrinsic(value) || Object.values(value).some(holdsIntrinsic);
}
