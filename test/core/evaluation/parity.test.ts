import type { PromptVariant } from '@aws-sdk/client-bedrock-agent';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { completionRequest } from '../../../cli/evaluation/openai-model';
import { contentDigest } from '../../../core/content/content-digest';
import { openAiRequest } from '../../../core/content/openai-request';
import type { PromptVariantContent } from '../../../core/content/prompt-content';
import { template } from '../../../core/content/template';
import { templateVariables } from '../../../core/content/template-variables';
import { askedRendered } from '../../../core/evaluation/asked-content';
import type { RegistryError } from '../../../core/registry-error';
import { filledBlocks, messagesOf } from '../../../packages/local-aws/bedrock/render-prompt';

const NAMES = ['ticker', 'language', 'a-b_c'];
const cachePoint = { type: 'default' as const };

const piece = fc.oneof(
  fc.constantFrom(...NAMES.map((name) => `{{${name}}}`), '{', '}}', '$&', '\\'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
/** Other braces are refused at synth: nobody says what Bedrock makes of them. */
const text = fc
  .array(piece, { minLength: 1, maxLength: 5 })
  .map((pieces) => pieces.join(''))
  .filter((one) => templateVariables(one).unfillable.length === 0 && !one.includes('{{{'));
const block = fc.oneof(
  { weight: 4, arbitrary: text.map((one) => ({ text: one })) },
  { weight: 1, arbitrary: fc.constant({ cachePoint }) },
);
const blocks = fc.array(block, { minLength: 1, maxLength: 3 });
const toolSpec = fc.record(
  {
    name: fc.constantFrom('price', 'news'),
    description: fc.string(),
    strict: fc.boolean(),
    inputSchema: fc.record({ json: fc.dictionary(fc.string(), fc.jsonValue()) }),
  },
  { requiredKeys: ['name', 'inputSchema'] },
);
const tools = fc.array(
  fc.oneof(
    toolSpec.map((one) => ({ toolSpec: one })),
    fc.constant({ cachePoint }),
  ),
  { minLength: 1, maxLength: 3 },
);
const toolConfiguration = fc.record(
  { tools, toolChoice: fc.constantFrom({ auto: {} }, { any: {} }, { tool: { name: 'price' } }) },
  { requiredKeys: ['tools'] },
);
const inputVariables = fc.constant(NAMES.map((name) => ({ name })));
const chat = fc.record(
  {
    system: blocks,
    messages: fc
      .array(blocks, { minLength: 1, maxLength: 4 })
      .map((list) => list.map((content, index) => ({ role: index % 2 ? 'assistant' : 'user', content }))),
    inputVariables,
    toolConfiguration,
  },
  { requiredKeys: ['messages', 'inputVariables'] },
);
const inference = fc.record(
  {
    temperature: fc.float({ min: 0, max: 1, noNaN: true }),
    topP: fc.float({ min: 0, max: 1, noNaN: true }),
    maxTokens: fc.integer({ min: 1, max: 9_999 }),
    stopSequences: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: [] },
);
const variant = fc.record(
  {
    templateType: fc.constant('TEXT'),
    modelId: fc.constantFrom('amazon.nova-pro-v1:0', 'us.amazon.nova-lite-v1:0'),
    templateConfiguration: fc.oneof(
      fc.record({ text, inputVariables }).map((one) => ({ text: one })),
      chat.map((one) => ({ chat: one })),
    ),
    inferenceConfiguration: inference.map((one) => ({ text: one })),
    additionalModelRequestFields: fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
  },
  { requiredKeys: ['templateType', 'modelId', 'templateConfiguration'] },
);

/** What a model gets of a version, as AWS documents it: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
function ofVersion(content: PromptVariant, values: Record<string, string>): object {
  const { chat: turns } = content.templateConfiguration ?? {};
  return {
    modelId: content.modelId,
    messages: messagesOf(content, values),
    ...(turns?.system && { system: filledBlocks(turns.system, values) }),
    ...(content.inferenceConfiguration && { inferenceConfig: content.inferenceConfiguration.text }),
    ...(turns?.toolConfiguration && { toolConfig: turns.toolConfiguration }),
    ...(content.additionalModelRequestFields !== undefined && {
      additionalModelRequestFields: content.additionalModelRequestFields,
    }),
  };
}

it('a file is asked with the request that a version of it would be, field by field: 500 random variants', () => {
  const value = fc.string({ unit: 'grapheme' });
  const values = fc.record({ ticker: value, language: value, 'a-b_c': value });
  fc.assert(
    fc.property(variant, values, (content, given) => {
      const one = content as PromptVariantContent;
      const asked = askedRendered({ promptName: 'x', label: 'x.prompt', variant: one });
      const { requestMetadata, ...request } = asked.request(given);
      expect(JSON.parse(JSON.stringify(request))).toEqual(
        JSON.parse(JSON.stringify(ofVersion(one as PromptVariant, given))),
      );
      expect(asked.digest).toBe(contentDigest(one));
    }),
    { numRuns: 500 },
  );
});

it('a server elsewhere is asked with the request that the application sends: prompt.openai() of the client', () => {
  const value = fc.string({ unit: 'grapheme' });
  const values = fc.record({ ticker: value, language: value, 'a-b_c': value });
  const outcome = (make: () => object) => {
    try {
      return JSON.parse(JSON.stringify(make()));
    } catch (error) {
      return (error as RegistryError).code;
    }
  };
  fc.assert(
    fc.property(variant, values, (content, given) => {
      const one = content as PromptVariantContent;
      const asked = askedRendered({ promptName: 'x', label: 'x.prompt', variant: one });
      expect(outcome(() => completionRequest(asked.request(given), 'llama'))).toEqual(
        outcome(() => openAiRequest('x', 'llama', { variant: one, template: template(one) }, given)),
      );
    }),
    { numRuns: 500 },
  );
});
