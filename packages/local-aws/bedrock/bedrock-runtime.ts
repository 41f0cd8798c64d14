import type { PromptVariant } from '@aws-sdk/client-bedrock-agent';
import type {
  ContentBlock,
  ConverseCommandInput,
  ConverseCommandOutput,
  ConverseStreamCommandInput,
  ConverseStreamOutput,
  Message,
  Tool,
} from '@aws-sdk/client-bedrock-runtime';
import * as client from '@aws-sdk/client-bedrock-runtime';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import { operation, type Service } from '../service';
import { bedrockRefusals } from '../wire/refusals';
import { restJson } from '../wire/rest-json';
import { checkConversation, checkMessages, checkSystem, checkTools } from './conversation';
import type { ModelCatalog } from './model-catalog';
import { type PromptReference, promptReference } from './prompt-reference';
import type { PromptStore } from './prompt-store';
import { filledBlocks, messagesOf, renderPrompt, turnsOf } from './render-prompt';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const NOT_WITH_A_PROMPT = ['inferenceConfig', 'system', 'toolConfig', 'additionalModelRequestFields'] as const;
const WITHOUT_EFFECT_HERE = ['guardrailConfig', 'additionalModelResponseFieldPaths', 'outputConfig'] as const;

/** Model invocation: no model is run, the answer is an echo of what the model would have got. */
export function bedrockRuntime(prompts: PromptStore, catalog: ModelCatalog): Service {
  return {
    name: 'bedrock-runtime',
    signingName: 'bedrock',
    client,
    protocol: restJson('com.amazonaws.bedrockruntime', bedrockRefusals),
    operations: {
      Converse: operation<ConverseCommandInput, ConverseCommandOutput>({
        // What has to be allowed depends on the prompt version's model: asked in `run`, before anything is answered.
        authorize: () => [],
        run: (input, call) => converse(prompts, catalog, input, { call, action: 'bedrock:InvokeModel' }),
      }),
      ConverseStream: operation<ConverseStreamCommandInput, { stream: ConverseStreamOutput[] }>({
        authorize: () => [],
        run: async (input, call) => {
          const action = 'bedrock:InvokeModelWithResponseStream';
          return { stream: streamed(await converse(prompts, catalog, input, { call, action })) };
        },
      }),
    },
  };
}

/** A call, and the action on the model that it needs: that of streams is another one. */
interface Asked {
  readonly call: Call;
  readonly action: 'bedrock:InvokeModel' | 'bedrock:InvokeModelWithResponseStream';
}

async function converse(
  prompts: PromptStore,
  catalog: ModelCatalog,
  input: ConverseCommandInput | ConverseStreamCommandInput,
  asked: Asked,
) {
  for (const field of WITHOUT_EFFECT_HERE) {
    if (input[field] !== undefined) {
      throw notImplemented(`bedrock-runtime Converse ${field}`);
    }
  }
  const identifier = input.modelId ?? '';
  if (/^arn:aws:bedrock:[^:]*:[^:]*:prompt\//.test(identifier)) {
    return await conversePrompt(prompts, catalog, promptReference(identifier, undefined, asked.call), input, asked);
  }
  const modelId = await requireModel(catalog, identifier, asked);
  checkConversation(input.messages ?? []);
  checkSystem((input.system ?? []) as ContentBlock[]);
  checkTools(input.toolConfig?.tools ?? []);
  const system = (input.system ?? []).map((block) => ({ speaker: 'system', text: block.text ?? '' }));
  return echo({ model: modelId }, [...system, ...turnsOf(input.messages ?? [])]);
}

/** The same answer in pieces, in the order of https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html */
function streamed({ output, stopReason, usage, metrics }: ReturnType<typeof echo>): ConverseStreamOutput[] {
  const words = output.message.content[0]?.text.match(/\S*\s*/g) ?? [];
  return [
    { messageStart: { role: 'assistant' } },
    ...words
      .filter((text) => text !== '')
      .map((text) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } })),
    { contentBlockStop: { contentBlockIndex: 0 } },
    { messageStop: { stopReason } },
    { metadata: { usage, metrics } },
  ];
}

async function conversePrompt(
  prompts: PromptStore,
  catalog: ModelCatalog,
  reference: PromptReference,
  input: ConverseCommandInput | ConverseStreamCommandInput,
  asked: Asked,
) {
  const { call } = asked;
  await requireRender(reference, prompts, call);
  const refused = NOT_WITH_A_PROMPT.filter((field) => input[field] !== undefined);
  if (refused.length > 0) {
    throw invalid(`The following fields are not allowed when the model is a prompt resource: ${refused.join(', ')}.`);
  }
  const prompt = prompts.get(reference);
  const [variant] = prompt.variants ?? [];
  if (!variant?.modelId) {
    throw invalid(`The prompt ${reference.arn} has no model: it cannot be invoked.`);
  }
  const modelId = await requireModel(catalog, variant.modelId, asked);
  const values = Object.fromEntries(
    Object.entries(input.promptVariables ?? {}).map(([name, value]) => [name, value.text ?? '']),
  );
  const turns = [...renderPrompt(variant, values), ...turnsOf(input.messages ?? [])];
  checkPromptConversation(variant, values, input.messages ?? []);
  return echo({ prompt: prompt.arn, version: prompt.version, model: modelId }, turns);
}

function checkPromptConversation(
  variant: PromptVariant,
  values: Record<string, string>,
  appended: readonly Message[],
): void {
  const { chat } = variant.templateConfiguration ?? {};
  const messages = messagesOf(variant, values);
  checkConversation(messages.length > 0 ? messages : appended);
  checkMessages(appended);
  checkSystem(filledBlocks(chat?.system ?? [], values));
  checkTools((chat?.toolConfiguration?.tools ?? []) as Tool[]);
}

/** AWS words this refusal as if the account lacked something; what is missing is `bedrock:RenderPrompt`. */
async function requireRender({ arn }: PromptReference, prompts: PromptStore, call: Call): Promise<void> {
  const tags = Object.entries(prompts.tagsOf(arn)).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
  const render = { service: call.service, operation: 'RenderPrompt', input: { promptArn: arn } };
  try {
    await call.require({ action: 'bedrock:RenderPrompt', resource: arn, context: Object.fromEntries(tags) });
    call.alsoRecord(render);
  } catch (error) {
    if (error instanceof AwsError && error.status === 403) {
      call.alsoRecord({ ...render, errorCode: error.code, errorMessage: error.message });
      const message = 'Your account is not authorized to invoke this API operation with a prompt resource.';
      throw new AwsError('AccessDeniedException', 403, message);
    }
    throw error;
  }
}

/**
 * The right to the model, and that it can be called. Through a profile the call may end in any of its Regions: all
 * are asked for, so that a policy that would fail one call in three fails the first.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
async function requireModel(catalog: ModelCatalog, identifier: string, { call, action }: Asked): Promise<string> {
  const route = catalog.route(identifier, call.region);
  if (!route) {
    throw invalid('The provided model identifier is invalid.');
  }
  const { modelId, profileArn, modelArns } = route;
  if (profileArn !== undefined) {
    await call.require({ action, resource: profileArn });
  }
  const context = profileArn === undefined ? undefined : { 'bedrock:InferenceProfileArn': profileArn };
  for (const resource of modelArns) {
    await call.require({ action, resource, context });
  }
  const model = catalog.model(modelId, call.region, call.time);
  const endOfLife = model?.modelLifecycle?.endOfLifeTime;
  if (endOfLife && endOfLife <= call.time) {
    const message =
      'This model version has reached the end of its life. Please refer to the AWS documentation for more details.';
    throw new AwsError('ResourceNotFoundException', 404, message);
  }
  if (profileArn === undefined && !model?.inferenceTypesSupported?.includes('ON_DEMAND')) {
    throw invalid(
      `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  }
  return identifier;
}

function echo(facts: Record<string, string>, turns: readonly { speaker: string; text: string }[]) {
  const head = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  const said = turns.map(({ speaker, text }) => `${speaker}: ${text}`);
  const text = ['(echo of local-aws, no model was run)', ...head, '', ...said].join('\n');
  const inputTokens = tokens(said.join('\n'));
  const outputTokens = tokens(text);
  return {
    output: { message: { role: 'assistant' as const, content: [{ text }] } },
    stopReason: 'end_turn' as const,
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: 10 + outputTokens },
  };
}

/** About four characters a token. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
