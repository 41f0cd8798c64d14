import { BedrockAgentClient, GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CfnOutput, CfnParameter, Duration, type Stack, Tags } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import {
  type ChatPromptVariantOptions,
  Prompt,
  PromptBlock,
  PromptMessage,
  PromptRegistry,
  PromptTool,
  PromptToolChoice,
  PromptVariant,
} from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';

const NAME = 'Variants';
/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;

let aws: LocalAws;
let deployer: StackDeployer;
let bedrock: BedrockAgentClient;

beforeAll(async () => {
  aws = await startLocalAws();
  deployer = new StackDeployer(aws);
  bedrock = new BedrockAgentClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
});
afterAll(() => aws.stop());

const chat = (options: Partial<ChatPromptVariantOptions>) =>
  PromptVariant.chat({
    system: [PromptBlock.text('You work for {{company}}.'), PromptBlock.cachePoint(), PromptBlock.text('Be brief.')],
    messages: [
      PromptMessage.user('Report: {{report}}', PromptBlock.cachePoint(), PromptBlock.text('"Read" it\\n.')),
      PromptMessage.assistant('Done.'),
      PromptMessage.user('What of {{company}}?'),
    ],
    tools: [
      PromptTool.function({ name: 'quote', inputSchema: { type: 'object', properties: { Json: { Type: 'string' } } } }),
      PromptTool.cachePoint(),
    ],
    toolChoice: PromptToolChoice.auto(),
    inference: { temperature: 0.2, topP: 0.9, maxTokens: 500, stopSequences: ['END'] },
    additionalModelRequestFields: { top_k: 5, Deep: { Temperature: 0.1, flags: [true, false] } },
    metadata: { team: 'desk 7' },
    ...options,
  });

/** Declared digest and digest of what Bedrock holds, after a deployment of these variants. */
async function deployedDigests(
  variants: (stack: Stack) => Record<string, PromptVariant>,
  parameters: Record<string, string> = {},
) {
  const build = (stack: Stack) => {
    Tags.of(stack).add('cost-centre', '42');
    const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
    for (const [promptName, variant] of Object.entries(variants(stack))) {
      const prompt = new Prompt(stack, promptName, { registry, promptName, variant });
      prompt.addAlias('PROD');
      new CfnOutput(stack, `${promptName}Out`, {
        value: `${prompt.promptId} ${prompt.currentVersion.version} ${prompt.currentVersion.contentDigest}`,
      });
    }
  };
  expect(await deployer.deployStack(NAME, build, parameters)).toEqual({
    status: expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
    failures: [],
  });
  const { Outputs = [] } = (await deployer.stack(NAME)) ?? {};
  return Promise.all(
    Outputs.map(async ({ OutputValue = '' }) => {
      const [promptIdentifier, promptVersion, declared] = OutputValue.split(' ');
      const {
        name,
        variants: read,
        version,
      } = await bedrock.send(new GetPromptCommand({ promptIdentifier, promptVersion }));
      return { name, version, declared, found: contentDigest(read?.[0]), model: read?.[0]?.modelId };
    }),
  );
}

describe('a deployed version holds what was declared', { timeout: PATIENCE }, () => {
  it('of every kind of prompt and model', async () => {
    const digests = await deployedDigests(() => ({
      text: PromptVariant.text({ text: 'Explain {{ticker}}', cachePoint: true, model: 'amazon.nova-pro-v1:0' }),
      auto: chat({ model: 'us.amazon.nova-pro-v1:0' }),
      any: chat({ toolChoice: PromptToolChoice.any(), model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0' }),
      tool: chat({
        toolChoice: PromptToolChoice.tool('quote'),
        model: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
      }),
      nobody: chat({ toolChoice: undefined, model: undefined }),
    }));

    expect(digests).toHaveLength(5);
    for (const { declared, found } of digests) expect(found).toBe(declared);
    expect(new Set(digests.map(({ found }) => found)).size).toBe(5);
  });

  it('where only the deployment knows it: a profile, a number, a text', async () => {
    const withTokens = (stack: Stack) => {
      const profile = new CfnParameter(stack, 'Profile').valueAsString;
      const company = new CfnParameter(stack, 'Company').valueAsString;
      const maxTokens = new CfnParameter(stack, 'MaxTokens', { type: 'Number' }).valueAsNumber;
      const inference = { maxTokens, temperature: 0.3 };
      return { auto: chat({ model: profile, system: [PromptBlock.text(`For ${company}: {{company}}`)], inference }) };
    };
    const model = 'us.amazon.nova-lite-v1:0';
    const [first] = await deployedDigests(withTokens, { Profile: model, Company: 'Müller & Söhne', MaxTokens: '700' });
    expect(first).toMatchObject({ version: '2', model, found: first?.declared });

    const [moved] = await deployedDigests(withTokens, { MaxTokens: '701' });
    expect(moved).toMatchObject({ version: '3', found: moved?.declared });

    const [back] = await deployedDigests(withTokens, { MaxTokens: '700' });
    expect(back).toEqual(first);
  });

  it.each([
    ['quotes', '"A" & "B"'],
    ['a backslash', 'C:\\new'],
    ['a line break', 'A\nB'],
    ['what would be JSON of its own', 'A","text":"B'],
  ])('where a text that only the deployment knows holds %s', async (what, Company) => {
    const promptName = what.replaceAll(' ', '-');
    const withToken = (stack: Stack) => {
      const registry = new PromptRegistry(stack, 'Registry', {
        parameterPrefix: `/prompts/${promptName}`,
        policyPropagation: Duration.seconds(0),
      });
      const text = `For ${new CfnParameter(stack, 'Company').valueAsString}`;
      new Prompt(stack, 'Quoted', { registry, promptName, variant: PromptVariant.text({ text }) }).addAlias('PROD');
    };
    const deployed = await deployer.deployStack(`Quoted-${promptName}`, withToken, { Company });
    expect(deployed).toEqual({ status: 'CREATE_COMPLETE', failures: [] });
    const [promptIdentifier = ''] = Object.values(
      await deployer.resources(`Quoted-${promptName}`, 'AWS::Bedrock::Prompt'),
    );
    const { variants = [] } = await bedrock.send(new GetPromptCommand({ promptIdentifier, promptVersion: '1' }));
    expect(variants[0]?.templateConfiguration?.text?.text).toBe(`For ${Company}`);
  });
});
