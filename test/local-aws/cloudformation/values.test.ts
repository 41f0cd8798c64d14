import { BedrockAgentClient, GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../packages/local-aws/cloudformation/template';
import { withTextLeaves } from '../../../packages/local-aws/cloudformation/text-leaves';
import { StackBench } from './stack-bench';

const json = { maxLength: 300, additionalProperties: false, enum: ['300', 0.5], description: 'false' };
const prompt = {
  Type: 'AWS::Bedrock::Prompt',
  Properties: {
    Name: 'typed',
    Variants: [
      {
        Name: 'default',
        TemplateType: 'CHAT',
        TemplateConfiguration: {
          Chat: {
            Messages: [{ Role: 'user', Content: [{ Text: 'Go' }] }],
            ToolConfiguration: { Tools: [{ ToolSpec: { Name: 'go', InputSchema: { Json: json } } }] },
          },
        },
        InferenceConfiguration: { Text: { MaxTokens: 5 } },
      },
    ],
  },
};

describe('free JSON', () => {
  it.each([
    ['kept', json],
    ['as-texts', { maxLength: '300', additionalProperties: 'false', enum: ['300', '0.5'], description: 'false' }],
  ] as const)('reaches Bedrock %s', async (freeJson, found) => {
    const bench = await StackBench.start({ freeJson });
    await bench.deploy({ P: prompt });
    const { PhysicalResourceId: promptIdentifier } = (await bench.events()).find(
      ({ LogicalResourceId, PhysicalResourceId }) => LogicalResourceId === 'P' && PhysicalResourceId,
    ) ?? { PhysicalResourceId: undefined };
    const { variants } = await bench.client(BedrockAgentClient).send(new GetPromptCommand({ promptIdentifier }));
    const [variant] = variants ?? [];
    const [tool] = variant?.templateConfiguration?.chat?.toolConfiguration?.tools ?? [];
    expect(tool?.toolSpec?.inputSchema?.json).toEqual(found);
    expect(variant?.inferenceConfiguration?.text?.maxTokens).toBe(5);
    await bench.aws.stop();
  });

  it('has numbers as Java writes them where they become texts', () => {
    const numbers = [300, -1, 0.5, 1e21, 1.5e-7, 12345678.5, 2 ** 53 - 1];
    expect(withTextLeaves(numbers)).toEqual([
      ...['300', '-1', '0.5', '1.0E21', '1.5E-7', '1.23456785E7', '9007199254740991'],
    ]);
  });
});

describe('a template is refused', () => {
  const template = (Value: unknown) => ({ Resources: { P: { Type: 'Custom::X', Properties: { Value } } } });
  it.each<[string, unknown, string]>([
    ['with null', null, "[/Resources/P/Type/Value] 'null' values are not allowed in templates"],
    ['with null deep inside', { a: [1, { b: null }] }, "[/Resources/P/Type/Value/a/1/b] 'null' values are not allowed"],
    ['with a character that YAML does not print', 'a\u0080b', 'Template contains invalid characters'],
    ['with 61 dynamic references', Array(61).fill('{{resolve:ssm:/a}}'), 'not have more than 60 dynamic references'],
  ])('%s', (_, value, message) => {
    expect(() => parseTemplate(JSON.stringify(template(value)))).toThrow(message);
  });

  it('with null anywhere else', () => {
    expect(() => parseTemplate(JSON.stringify({ ...template(1), Mappings: { A: { b: { c: null } } } }))).toThrow(
      "[/Mappings/A/b/c] 'null' values are not allowed in templates",
    );
  });

  it('but not with an emoji, a tab, empty text, or 60 dynamic references', () => {
    const values = ['\u{1F600}\tä\n', '', ...Array(60).fill('{{resolve:ssm:/a}}')];
    expect(parseTemplate(JSON.stringify(template(values)))).toMatchObject(template(values));
  });
});
