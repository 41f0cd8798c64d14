import { describe, expect, it } from 'vitest';
import { modelError } from '../../client/model-error';

const MODEL = 'anthropic.claude-3-5-sonnet-20241022-v2:0';
const VERSION = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:3';

/** What users have seen, and where they wrote it down. */
const MESSAGES: [code: string, name: string, message: string, seen: string][] = [
  [
    'ModelEnded',
    'ResourceNotFoundException',
    'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
    'aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#708, langchain-ai/langchain-aws#1245',
  ],
  [
    'ModelLegacy',
    'ResourceNotFoundException',
    'Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days. Please upgrade to an active model on Amazon Bedrock',
    'awslabs/llmeter#35, aws-samples/amazon-bedrock-workshop#386',
  ],
  [
    'ModelLegacy',
    'ValidationException',
    'This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days. Please upgrade to an active model on Amazon Bedrock.',
    'apache/airflow#72521',
  ],
  [
    'ModelNotEnabled',
    'AccessDeniedException',
    "You don't have access to the model with the specified model ID.",
    'langgenius/dify#2829, aws-samples/sample-agentic-frameworks-on-aws#44',
  ],
  [
    'ModelNotEnabled',
    'AccessDeniedException',
    'Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.',
    'aws-samples/sample-host-openclaw-on-amazon-bedrock-agentcore#41',
  ],
  [
    'ModelNotEnabled',
    'ResourceNotFoundException',
    'Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.',
    'the requirement: https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html',
  ],
  [
    'ModelNotEnabled',
    'ValidationException',
    'You have not filled out the required use-case form for this model. Complete the form at https://ap-southeast-4.console.aws.amazon.com/bedrock/ before requesting access.',
    'truefoundry/models#934',
  ],
  ['ModelNotEnabled', 'ValidationException', 'Operation not allowed', 'aws/aws-cli#8717, kirodotdev/Kiro#11191'],
  [
    'ModelNotEnabled',
    'ValidationException',
    'Access to Anthropic models is not allowed from unsupported countries, regions, or territories. Please refer to https://www.anthropic.com/supported-countries for more information on the countries and regions Anthropic currently supports.',
    'aws-samples/generative-bi-using-rag#361',
  ],
  [
    'ModelNotEnabled',
    'AccessDeniedException',
    'User: arn:aws:sts::111122223333:assumed-role/user_role is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-6-v1 with an explicit deny in a service control policy',
    'tinovyatkin/amazon-bedrock-copilot-chat#396',
  ],
  [
    'ModelInvalid',
    'ValidationException',
    'The provided model identifier is invalid.',
    'RooCodeInc/Roo-Code#9182, aws-samples/amazon-bedrock-workshop#315',
  ],
  [
    'ModelInvalid',
    'ResourceNotFoundException',
    'Could not resolve the foundation model from the provided model identifier.',
    'aws-samples/bedrock-chat#91',
  ],
  [
    'ModelNeedsProfile',
    'ValidationException',
    `Invocation of model ID ${MODEL} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    'terricain/aioboto3#352, with the typographic apostrophe',
  ],
  [
    'ModelNeedsProfile',
    'ValidationException',
    `Invocation of model ID ${MODEL} with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    'BerriAI/litellm#7181, with the plain one',
  ],
  [
    'ModelNeedsProfile',
    'ValidationException',
    "The provided model doesn't support on-demand throughput.",
    'aws-samples/bedrock-chat#508',
  ],
];

describe('what Bedrock says of a model', () => {
  it.each(MESSAGES)('%s: %s %s', (code, name, message) => {
    const cause = Object.assign(new Error(message), { name });
    expect(modelError(VERSION, MODEL, cause)).toMatchObject({
      code,
      cause,
      message: expect.stringContaining(`model ${MODEL} of ${VERSION} `),
    });
  });

  it.each<[string, string]>([
    // anthropics/claude-code#1466, RooCodeInc/Roo-Code#5050
    ['ThrottlingException', 'Too many tokens, please wait before trying again.'],
    ['ThrottlingException', 'Too many requests, please wait before trying again.'],
    ['ServiceQuotaExceededException', "You don't have access to the model beyond its quota."],
    ['ModelNotReadyException', 'Model is not ready for inference. Wait and try your request again.'],
    ['ModelTimeoutException', 'Model has timed out in processing the request. Try your request again.'],
    ['ModelErrorException', 'The model returned the following errors: unexpected'],
    ['ValidationException', 'Malformed input request, please reformat your input and try again.'],
    // openclaw/openclaw#58588
    ['ValidationException', 'The provided guardrail identifier is invalid.'],
    ['ValidationException', 'messages: roles must alternate between "user" and "assistant"'],
    ['TypeError', "Cannot read properties of undefined (reading 'model')"],
  ])('nothing: %s %s', (name, message) =>
    expect(modelError(VERSION, MODEL, Object.assign(new Error(message), { name }))).toBeUndefined(),
  );

  it('nothing, where the message names another model: the callback called that one', () => {
    const message =
      'Invocation of model ID cohere.embed-v4:0 with on-demand throughput isn’t supported. Retry your request with …';
    expect(modelError(VERSION, MODEL, new Error(message))).toBeUndefined();
    expect(modelError(VERSION, undefined, new Error(message))?.message).toContain('model cohere.embed-v4:0 of ');
  });

  it.each([undefined, null, 'text', 7, {}, new Error()])('nothing: %s', (thrown) =>
    expect(modelError(VERSION, MODEL, thrown)).toBeUndefined(),
  );
});
