import {
  CreatePromptVersionCommand,
  DeletePromptCommand,
  GetPromptCommand,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Clients } from './clients';
import type { Question } from './iam-documents';

const BEDROCK = 'arn:aws:bedrock:us-east-1:111122223333';

/** Where calls of a model may end up, and what else they need. */
export const MODELS = {
  'amazon.nova-pro-v1:0': ['us-east-1'],
  'amazon.nova-lite-v1:0': ['us-east-1'],
  'us.anthropic.claude-haiku-4-5-20251001-v1:0': ['us-east-1', 'us-east-2', 'us-west-2'],
} as const;

export type Model = keyof typeof MODELS;

/** What a role may do with prompts, as the test expects it. */
export interface Access {
  /** ARNs of versions it may read. */
  readonly read: readonly string[];
  /** ARNs of versions it may run, and their models. */
  readonly run: readonly string[];
  readonly models: readonly Model[];
  /** Names of parameters it may read, with what is below. */
  readonly parameters: readonly string[];
}

/** Something a caller tries: a request, and the questions that it puts to IAM. */
export interface Attempt {
  readonly name: string;
  send(clients: Clients): Promise<unknown>;
  readonly questions: readonly Question[];
  isExpected(access: Access): boolean;
}

export function getPrompt(name: string, arn: string, version?: number | 'DRAFT'): Attempt {
  const promptVersion = version === undefined ? undefined : String(version);
  const resource = typeof version === 'number' ? `${arn}:${version}` : arn;
  return {
    name: `GetPrompt ${name}`,
    send: ({ bedrock }) => bedrock.send(new GetPromptCommand({ promptIdentifier: arn, promptVersion })),
    questions: [{ action: 'bedrock:GetPrompt', resource }],
    isExpected: ({ read }) => read.includes(resource),
  };
}

/** Runs the prompt at this ARN, whose variant names `model`. */
export function converse(name: string, modelId: string, model: Model): Attempt {
  const promptVariables = { ticker: { text: 'AMZN' } };
  return {
    name: `Converse ${name}`,
    send: ({ runtime }) => runtime.send(new ConverseCommand({ modelId, promptVariables })),
    questions: [{ action: 'bedrock:RenderPrompt', resource: modelId }, ...invocation(model)],
    isExpected: ({ run }) => run.includes(modelId),
  };
}

/** Calls a model without any prompt. */
export function converseWith(model: Model): Attempt {
  const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }];
  return {
    name: `Converse with ${model}`,
    send: ({ runtime }) => runtime.send(new ConverseCommand({ modelId: model, messages })),
    questions: invocation(model),
    isExpected: ({ models }) => models.includes(model),
  };
}

/** Calls the model behind a profile without going through the profile. */
export function converseAround(profile: Model): Attempt {
  const [action, modelId] = ['bedrock:InvokeModel', foundationModel(profile)];
  const resource = `arn:aws:bedrock:us-east-1::foundation-model/${modelId}`;
  const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }];
  return {
    name: `Converse around ${profile}`,
    send: ({ runtime }) => runtime.send(new ConverseCommand({ modelId, messages })),
    questions: [{ action, resource }],
    isExpected: () => false,
  };
}

export function getParameter(Name: string): Attempt {
  return {
    name: `GetParameter ${Name}`,
    // Whether it is there only those hear who may read it.
    send: ({ ssm }) =>
      ssm.send(new GetParameterCommand({ Name })).catch((error: Error) => {
        if (error.name !== 'ParameterNotFound') throw error;
      }),
    questions: [{ action: 'ssm:GetParameter', resource: `arn:aws:ssm:us-east-1:111122223333:parameter${Name}` }],
    isExpected: ({ parameters }) => parameters.some((one) => Name === one || Name.startsWith(`${one}/`)),
  };
}

/** What no caller may do. */
export function changes(arn: string, promptName: string, parameter: string): Attempt[] {
  const refused = (name: string, action: string, resource: string, send: Attempt['send']): Attempt => ({
    ...{ name, send, questions: [{ action, resource }] },
    isExpected: () => false,
  });
  const promptIdentifier = arn;
  return [
    refused('UpdatePrompt', 'bedrock:UpdatePrompt', arn, ({ bedrock }) =>
      bedrock.send(new UpdatePromptCommand({ promptIdentifier, name: promptName, variants: [] })),
    ),
    refused('CreatePromptVersion', 'bedrock:CreatePromptVersion', arn, ({ bedrock }) =>
      bedrock.send(new CreatePromptVersionCommand({ promptIdentifier })),
    ),
    refused('DeletePrompt :1', 'bedrock:DeletePrompt', `${arn}:1`, ({ bedrock }) =>
      bedrock.send(new DeletePromptCommand({ promptIdentifier, promptVersion: '1' })),
    ),
    refused('PutParameter', 'ssm:PutParameter', `arn:aws:ssm:us-east-1:111122223333:parameter${parameter}`, ({ ssm }) =>
      ssm.send(new PutParameterCommand({ Name: parameter, Value: `${arn}:3`, Overwrite: true })),
    ),
  ];
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html */
function invocation(model: Model): Question[] {
  const action = 'bedrock:InvokeModel';
  const isProfile = model.startsWith('us.');
  const profile = `${BEDROCK}:inference-profile/${model}`;
  const models = MODELS[model].map((region) => ({
    action,
    resource: `arn:aws:bedrock:${region}::foundation-model/${foundationModel(model)}`,
    ...(isProfile && { context: { 'bedrock:InferenceProfileArn': profile } }),
  }));
  return isProfile ? [{ action, resource: profile }, ...models] : models;
}

function foundationModel(model: Model): string {
  return model.replace(/^us\./, '');
}
