import { contentDigest } from '../content/content-digest';
import { converseFields } from '../content/converse-fields';
import type { PromptVariantContent } from '../content/prompt-content';
import { template } from '../content/template';
import { checkVariables, type PromptVariables } from '../content/variables';
import { parseGuardrail } from '../contract/guardrail';
import { RegistryError } from '../registry-error';
import type { ModelRequest } from './converse-model';
import type { EvaluatedContent } from './evaluation-row';

/** A content that can be asked: the request for given variables. */
export interface AskedContent extends EvaluatedContent {
  /** The prompt's variables, each of which a case has to give. */
  readonly variables: ReadonlySet<string>;
  /** What its requests name, `arn:…:guardrail/ID:3`. */
  readonly guardrail: string | undefined;
  /** Of a case's values those that this content has: what is compared may have one variable more. */
  values(all: PromptVariables): PromptVariables;
  request(variables: PromptVariables): ModelRequest;
}

export interface AskedContentProps {
  readonly promptName: string;
  readonly label: string;
  readonly variant: PromptVariantContent;
  /** What callers must name, `arn:…:guardrail/ID:3`. @default - none */
  readonly guardrail?: string | undefined;
}

/** A version, asked as callers ask it: Bedrock renders it, with the model and the settings that it holds. */
export function askedVersion(
  props: AskedContentProps & { readonly versionArn: string; readonly version: number },
): AskedContent {
  const { promptName, versionArn, version, variant } = props;
  const declared = template(variant).variables;
  return {
    ...described(props),
    version,
    request: (variables) => {
      checkVariables(promptName, variables, declared);
      const promptVariables = Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, { text }]));
      return {
        modelId: versionArn,
        promptVariables,
        ...guarded(props),
        requestMetadata: metadata(promptName, `${version}`),
      };
    },
  };
}

/**
 * A content that is no version, such as a file: rendered here, with the request that a version of it would be.
 *
 * @throws RegistryError `FallbackUnsupported`, `InvalidPrompt` for a content that Converse cannot be asked for
 */
export function askedRendered(props: AskedContentProps): AskedContent {
  const { promptName, variant, label } = props;
  const { modelId } = variant;
  if (modelId === undefined) {
    throw new RegistryError('InvalidPrompt', `${label}: an evaluation needs a model, found none; write model: into it`);
  }
  const filled = template(variant);
  return {
    ...described(props),
    version: null,
    request: (variables) => {
      checkVariables(promptName, variables, filled.variables);
      const fields = converseFields(promptName, variant, filled, variables);
      return { modelId, ...fields, ...guarded(props), requestMetadata: metadata(promptName, 'none') };
    },
  };
}

function guarded({ guardrail }: AskedContentProps): Pick<ModelRequest, 'guardrailConfig'> {
  const guardrailConfig = parseGuardrail(guardrail);
  return guardrailConfig ? { guardrailConfig } : {};
}

function described({ label, variant, guardrail }: AskedContentProps) {
  const variables = new Set(template(variant).variables.map(({ name }) => name));
  const values = (all: PromptVariables) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => variables.has(name)));
  return { label, digest: contentDigest(variant), model: variant.modelId ?? null, guardrail, variables, values };
}

/** So that what an evaluation costs can be told from what callers cost. */
function metadata(prompt: string, version: string): Record<string, string> {
  return { purpose: 'evaluation', prompt, version };
}
