/**
 * How one field of a variant enters the content digest.
 *
 * `float` is a 32-bit float, `document` is free JSON, `marker` is a union member that says everything by being there,
 * `ignored` does not enter. A list with `set` has no order.
 */
export type ContentField =
  | 'string'
  | 'float'
  | 'integer'
  | 'boolean'
  | 'document'
  | 'marker'
  | 'ignored'
  | { readonly list: ContentField; readonly set?: true }
  | { readonly fields: Readonly<Record<string, ContentField>> };

const cachePoint: ContentField = { fields: { type: 'string' } };
const blocks: ContentField = { list: { fields: { text: 'string', cachePoint } } };
const inputVariables: ContentField = { list: { fields: { name: 'string' } }, set: true };

/**
 * Every field that Bedrock knows in a variant, in the API's casing. A test compares it with the SDK's own schema and
 * with CloudFormation's, so that a field added by AWS is a decision here and never a silent omission.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_PromptVariant.html
 */
export const CONTENT_FIELDS: ContentField = {
  fields: {
    name: 'ignored',
    metadata: 'ignored',
    templateType: 'string',
    templateConfiguration: {
      fields: {
        text: { fields: { text: 'string', inputVariables, cachePoint } },
        chat: {
          fields: {
            messages: { list: { fields: { role: 'string', content: blocks } } },
            system: blocks,
            inputVariables,
            toolConfiguration: {
              fields: {
                tools: {
                  list: {
                    fields: {
                      toolSpec: {
                        fields: {
                          name: 'string',
                          description: 'string',
                          inputSchema: { fields: { json: 'document' } },
                          strict: 'boolean',
                        },
                      },
                      cachePoint,
                    },
                  },
                },
                toolChoice: { fields: { auto: 'marker', any: 'marker', tool: { fields: { name: 'string' } } } },
              },
            },
          },
        },
      },
    },
    modelId: 'string',
    inferenceConfiguration: {
      fields: {
        text: {
          fields: {
            temperature: 'float',
            topP: 'float',
            maxTokens: 'integer',
            stopSequences: { list: 'string' },
          },
        },
      },
    },
    additionalModelRequestFields: 'document',
    genAiResource: { fields: { agent: { fields: { agentIdentifier: 'string' } } } },
  },
};
