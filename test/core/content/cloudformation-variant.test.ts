import { describe, expect, it } from 'vitest';
import { variantFromCloudFormation } from '../../../core/content/cloudformation-variant';

describe('Variant from CloudFormation', () => {
  it('takes the API’s casing and keeps free JSON as it is', () => {
    const tool = { Name: 'quote', InputSchema: { Json: { Properties: { Ticker: { Type: 'string' } } } } };
    const variant = variantFromCloudFormation({
      TemplateType: 'CHAT',
      TemplateConfiguration: {
        Chat: {
          Messages: [{ Role: 'user', Content: [{ Text: 'Hi' }] }],
          ToolConfiguration: { Tools: [{ ToolSpec: tool }], ToolChoice: { Any: { Kept: 1 } } },
        },
      },
      AdditionalModelRequestFields: { Top_K: { Deep: [{ A: 1 }] } },
      GenAiResource: { Agent: { AgentIdentifier: 'arn' } },
      InferenceConfiguration: { Text: { TopP: 0.5 } },
    });
    expect(variant).toEqual({
      templateType: 'CHAT',
      templateConfiguration: {
        chat: {
          messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
          toolConfiguration: {
            tools: [
              { toolSpec: { name: 'quote', inputSchema: { json: { Properties: { Ticker: { Type: 'string' } } } } } },
            ],
            toolChoice: { any: { Kept: 1 } },
          },
        },
      },
      additionalModelRequestFields: { Top_K: { Deep: [{ A: 1 }] } },
      genAiResource: { agent: { agentIdentifier: 'arn' } },
      inferenceConfiguration: { text: { topP: 0.5 } },
    });
  });
});
