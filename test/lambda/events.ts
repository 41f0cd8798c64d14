import type { CustomResourceEvent } from '../../lambda/custom-resource-event';

export const PROMPT_ID = 'ABCDEFGHIJ';
export const PROMPT_ARN = `arn:aws:bedrock:us-east-1:123456789012:prompt/${PROMPT_ID}`;
export const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Prompts-prod/0f0e';

let requests = 0;

/** An event for the prompt `financial-analysis` as CloudFormation sends it; each has a RequestId of its own. */
export function event(
  resource: 'PromptVersion' | 'PromptReleasePlan' | 'PromptAlias',
  RequestType: CustomResourceEvent['RequestType'],
  properties: Record<string, unknown>,
  old?: Record<string, unknown>,
): CustomResourceEvent {
  requests += 1;
  const names = { PromptId: PROMPT_ID, PromptArn: PROMPT_ARN, PromptName: 'financial-analysis', Schema: '1' };
  return {
    RequestType,
    ResponseURL: 'http://127.0.0.1:1/secret?signature=abc',
    StackId: STACK_ID,
    RequestId: `request-${requests}`,
    ResourceType: `Custom::${resource}`,
    LogicalResourceId: resource,
    ResourceProperties: { ...names, ...properties },
    ...(old && { OldResourceProperties: { ...names, ...old } }),
  };
}

/** A TEXT variant in the API's casing. */
export function variant(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'default',
    templateType: 'TEXT',
    templateConfiguration: { text: { text } },
    modelId: 'amazon.nova-pro-v1:0',
    inferenceConfiguration: { text: { temperature: 0.2 } },
    ...more,
  };
}
