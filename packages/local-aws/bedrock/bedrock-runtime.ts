import type { PromptVariant } from '@aws-sdk/client-bedrock-agent';
import type {
  ContentBlock,
  ConverseCommandInput,
  ConverseCommandOutput,
  ConverseStreamCommandInput,
  ConverseStreamOutput,
  GuardrailConfiguration,
  Message,
  Tool,
} from '@aws-sdk/client-bedrock-runtime';
import * as client from '@aws-sdk/client-bedrock-runtime';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import type { Datum } from '../cloudwatch/metric-store';
import { operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { bedrockRefusals } from '../wire/refusals';
import { restJson } from '../wire/rest-json';
import { checkConversation, checkMessages, checkSystem, checkTools } from './conversation';
import type { InvocationLogging, LoggedInvocation } from './invocation-logging';
import type { ModelCatalog } from './model-catalog';
import { type PromptReference, promptReference } from './prompt-reference';
import type { PromptStore } from './prompt-store';
import { filledBlocks, messagesOf, renderPrompt, turnsOf } from './render-prompt';
import { ModelScripts, type ScriptedCall } from './scripted-models';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const NOT_WITH_A_PROMPT = ['inferenceConfig', 'system', 'toolConfig', 'additionalModelRequestFields'] as const;
const WITHOUT_EFFECT_HERE = ['additionalModelResponseFieldPaths', 'outputConfig'] as const;

/** Model invocation: no model is run. A model answers what its script says, else an echo of what it would have got. */
export function bedrockRuntime(
  prompts: PromptStore,
  catalog: ModelCatalog,
  scripts = new ModelScripts(),
  logging?: InvocationLogging,
  measure: (datum: Datum) => void = () => {},
): Service {
  const models = { catalog, scripts, logging, measure };
  return {
    name: 'bedrock-runtime',
    signingName: 'bedrock',
    client,
    protocol: restJson('com.amazonaws.bedrockruntime', bedrockRefusals),
    operations: {
      Converse: operation<ConverseCommandInput, ConverseCommandOutput>({
        // What has to be allowed depends on the prompt version's model: asked in `run`, before anything is answered.
        authorize: () => [],
        run: (input, call) => converse(prompts, models, input, { call, action: 'bedrock:InvokeModel' }),
      }),
      ConverseStream: operation<ConverseStreamCommandInput, { stream: ConverseStreamOutput[] }>({
        authorize: () => [],
        run: async (input, call) => {
          const action = 'bedrock:InvokeModelWithResponseStream';
          return { stream: streamed(await converse(prompts, models, input, { call, action })) };
        },
      }),
    },
  };
}

/** A call, and the action on the model that it needs: that of streams is another one. */
interface Asked {
  readonly call: Call;
  readonly action: 'bedrock:InvokeModel' | 'bedrock:InvokeModelWithResponseStream';
  /** ARN and version, as IAM compares it. */
  readonly guardrail?: string | undefined;
}

/** The models, what they say, and where their calls are logged. */
interface Models {
  readonly measure: (datum: Datum) => void;
  readonly catalog: ModelCatalog;
  readonly scripts: ModelScripts;
  readonly logging: InvocationLogging | undefined;
}

async function converse(
  prompts: PromptStore,
  models: Models,
  input: ConverseCommandInput | ConverseStreamCommandInput,
  asked: Asked,
) {
  for (const field of WITHOUT_EFFECT_HERE) {
    if (input[field] !== undefined) {
      throw notImplemented(`bedrock-runtime Converse ${field}`);
    }
  }
  const guardrail = await requireGuardrail(input.guardrailConfig, asked.call);
  const identifier = input.modelId ?? '';
  if (/^arn:aws:bedrock:[^:]*:[^:]*:prompt\//.test(identifier)) {
    const reference = promptReference(identifier, undefined, asked.call);
    return await conversePrompt(prompts, models, reference, input, { ...asked, guardrail });
  }
  const modelId = await requireModel(models.catalog, identifier, { ...asked, guardrail });
  checkConversation(input.messages ?? []);
  checkSystem((input.system ?? []) as ContentBlock[]);
  checkTools(input.toolConfig?.tools ?? []);
  const system = (input.system ?? []).map((block) => ({ speaker: 'system', text: block.text ?? '' }));
  const turns = [...system, ...turnsOf(input.messages ?? [])];
  const answer = measured(
    models,
    modelId,
    asked,
    () =>
      scripted(models, { modelId, turns, tools: input.toolConfig?.tools }, asked) ??
      echo({ model: modelId, ...(guardrail && { guardrail }) }, turns),
  );
  await log(models, asked.call, { modelId: identifier, input, output: answer });
  return answer;
}

/** `requestMetadata` stands beside what was sent, the model's id too. */
async function log({ logging }: Models, call: Call, invocation: LoggedInvocation): Promise<void> {
  const { modelId: _, requestMetadata, ...input } = invocation.input as ConverseCommandInput;
  await logging?.write(call, { ...invocation, input, requestMetadata });
}

/**
 * Answers, and counts what was answered and what the model refused. `ModelId` is what was called: a profile, where it was one.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring.html
 */
function measured(models: Models, identifier: string, { call }: Asked, answer: () => Answer): Answer {
  const ModelId =
    identifier.startsWith('arn:') && !/:application-/.test(identifier) ? identifier.split('/')[1] : identifier;
  const add = (name: string, value: number, unit: string) =>
    models.measure({
      ...{ namespace: 'AWS/Bedrock', name, dimensions: { ModelId: ModelId ?? identifier } },
      ...{ time: call.time.getTime(), values: [value], unit },
    });
  try {
    const found = answer();
    add('Invocations', 1, 'Count');
    add('InvocationLatency', found.metrics.latencyMs, 'Milliseconds');
    add('InputTokenCount', found.usage.inputTokens, 'Count');
    add('OutputTokenCount', found.usage.outputTokens, 'Count');
    return found;
  } catch (error) {
    const { status } = error as AwsError;
    add(
      status === 429 ? 'InvocationThrottles' : status < 500 ? 'InvocationClientErrors' : 'InvocationServerErrors',
      1,
      'Count',
    );
    throw error;
  }
}

/** By the script of what was called, else of the model behind it; undefined where there is none. */
function scripted({ catalog, scripts }: Models, asked: Omit<ScriptedCall, 'time'>, { call }: Asked) {
  const ids = [asked.modelId, catalog.route(asked.modelId, call.region)?.modelId ?? ''];
  const modelId = ids.find((id) => scripts.has(id));
  return modelId === undefined ? undefined : scripts.answer({ ...asked, modelId, time: call.time });
}

type Answer = ReturnType<ModelScripts['answer']> | ReturnType<typeof echo>;

/** The same answer in pieces, in the order of https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html */
function streamed({ output, stopReason, usage, metrics }: Answer): ConverseStreamOutput[] {
  return [
    { messageStart: { role: 'assistant' } },
    ...(output.message.content as ContentBlock[]).flatMap(streamedBlock),
    { messageStop: { stopReason } },
    { metadata: { usage, metrics } },
  ];
}

/** A text comes word by word and has no start of its own, a tool's input comes as text of JSON. */
function streamedBlock(block: ContentBlock, contentBlockIndex: number): ConverseStreamOutput[] {
  const { text, toolUse } = block;
  if (toolUse) {
    const { toolUseId, name, input } = toolUse;
    return [
      { contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId, name } } } },
      { contentBlockDelta: { contentBlockIndex, delta: { toolUse: { input: JSON.stringify(input) } } } },
      { contentBlockStop: { contentBlockIndex } },
    ];
  }
  if (text === undefined) {
    throw notImplemented(`bedrock-runtime ConverseStream of an answer with ${Object.keys(block)}`);
  }
  const words = (text.match(/\S*\s*/g) ?? []).filter((word) => word !== '');
  return [
    ...words.map((word) => ({ contentBlockDelta: { contentBlockIndex, delta: { text: word } } })),
    { contentBlockStop: { contentBlockIndex } },
  ];
}

async function conversePrompt(
  prompts: PromptStore,
  models: Models,
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
  const modelId = await requireModel(models.catalog, variant.modelId, asked);
  const values = Object.fromEntries(
    Object.entries(input.promptVariables ?? {}).map(([name, value]) => [name, value.text ?? '']),
  );
  const turns = [...renderPrompt(variant, values), ...turnsOf(input.messages ?? [])];
  checkPromptConversation(variant, values, input.messages ?? []);
  const tools = variant.templateConfiguration?.chat?.toolConfiguration?.tools as Tool[] | undefined;
  const { guardrail } = asked;
  const answer = measured(
    models,
    modelId,
    asked,
    () =>
      scripted(models, { modelId, prompt: prompt.arn, turns, tools }, asked) ??
      echo({ prompt: prompt.arn, version: prompt.version, model: modelId, ...(guardrail && { guardrail }) }, turns),
  );
  const { messages = [], promptVariables, ...others } = input;
  const isRendered = models.logging?.prompts === 'rendered';
  const rendered = { ...others, ...rendering(variant, values, messages) };
  await log(models, call, {
    modelId: isRendered ? modelId : (input.modelId ?? ''),
    input: isRendered ? rendered : input,
    output: answer,
  });
  return answer;
}

/** What the model gets of a version, with the caller's messages behind its own. */
function rendering(variant: PromptVariant, values: Record<string, string>, appended: readonly Message[]): object {
  const { chat } = variant.templateConfiguration ?? {};
  const system = filledBlocks(chat?.system ?? [], values);
  return {
    messages: [...messagesOf(variant, values), ...appended],
    ...(system.length > 0 && { system }),
    ...(chat?.toolConfiguration && { toolConfig: chat.toolConfiguration }),
    ...(variant.inferenceConfiguration?.text && { inferenceConfig: variant.inferenceConfiguration.text }),
    ...(variant.additionalModelRequestFields && {
      additionalModelRequestFields: variant.additionalModelRequestFields,
    }),
  };
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
 * The guardrail that the call names, as `bedrock:GuardrailIdentifier` holds it: a number follows the ARN, DRAFT does not. Its
 * filters are not here; whether it exists nobody knows.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
 */
async function requireGuardrail(config: GuardrailConfiguration | undefined, call: Call): Promise<string | undefined> {
  if (config === undefined) return undefined;
  supportedMembers(call, config, 'guardrailIdentifier guardrailVersion');
  const { guardrailIdentifier = '', guardrailVersion = '' } = config;
  if (!guardrailIdentifier || !guardrailVersion) {
    throw invalid('guardrailIdentifier and guardrailVersion must be given together.');
  }
  const arn = guardrailIdentifier.startsWith('arn:')
    ? guardrailIdentifier
    : `arn:aws:bedrock:${call.region}:${call.account}:guardrail/${guardrailIdentifier}`;
  await call.require({ action: 'bedrock:ApplyGuardrail', resource: arn });
  return guardrailVersion === 'DRAFT' ? arn : `${arn}:${guardrailVersion}`;
}

/**
 * The right to the model, and that it can be called. Through a profile the call may end in any of its Regions: all
 * are asked for, so that a policy that would fail one call in three fails the first.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
async function requireModel(catalog: ModelCatalog, identifier: string, asked: Asked): Promise<string> {
  const { call, action, guardrail } = asked;
  const route = catalog.route(identifier, call.region);
  if (!route) {
    throw invalid('The provided model identifier is invalid.');
  }
  const { modelId, profileArn, modelArns } = route;
  const guarded = guardrail ? { 'bedrock:GuardrailIdentifier': guardrail } : undefined;
  if (profileArn !== undefined) {
    await call.require({ action, resource: profileArn, context: guarded });
  }
  const context = { ...guarded, ...(profileArn && { 'bedrock:InferenceProfileArn': profileArn }) };
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
  if (catalog.called(modelId, call.region, call.time) === 'idle') {
    const days = catalog.get(modelId)?.idleDays;
    const message = `Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last ${days} days. Please upgrade to an active model on Amazon Bedrock`;
    throw new AwsError('ResourceNotFoundException', 404, message);
  }
  if (!model?.outputModalities?.includes('TEXT')) {
    throw invalid('The provided model identifier is invalid.');
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
