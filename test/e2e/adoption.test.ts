import {
  BedrockAgentClient,
  CreatePromptCommand,
  CreatePromptVersionCommand,
  ListPromptsCommand,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';

const STACK = 'Adoption';
/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;

let aws: LocalAws;
let deployer: StackDeployer;
let bedrock: BedrockAgentClient;
let ssm: SSMClient;

beforeAll(async () => {
  aws = await startLocalAws();
  deployer = new StackDeployer(aws);
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
  bedrock = new BedrockAgentClient(config);
  ssm = new SSMClient(config);
});
afterAll(() => aws.stop());

const variants = (text: string) => [
  {
    name: 'a',
    templateType: 'TEXT' as const,
    templateConfiguration: { text: { text, inputVariables: [{ name: 'letter' }] } },
    modelId: 'amazon.nova-pro-v1:0',
  },
];

const registryIn = (stack: Stack) => new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });

async function publish(promptIdentifier: string, count: number): Promise<void> {
  for (let made = 0; made < count; made++) {
    await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier, description: 'by hand' }));
  }
}

async function versions(promptIdentifier: string): Promise<string[]> {
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await bedrock.send(new ListPromptsCommand({ promptIdentifier, nextToken }));
    for (const { version = '' } of page.promptSummaries ?? []) if (version !== 'DRAFT') found.push(version);
    nextToken = page.nextToken;
  } while (nextToken);
  return found.sort((one, other) => Number(one) - Number(other));
}

async function pointer(promptName: string, aliasName: string): Promise<string> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `/prompts/${promptName}/${aliasName}` }));
  return Parameter?.Value?.split(':').at(-1) ?? '';
}

const TEN = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];

describe('a prompt that was there before, with 10 of 10 versions,', { timeout: PATIENCE }, () => {
  it('made by hand, gets an alias on the version that is live, moves it, and loses nothing', async () => {
    const { id = '', arn = '' } = await bedrock.send(
      new CreatePromptCommand({ name: 'by-hand', defaultVariant: 'a', variants: variants('Sort {{letter}}') }),
    );
    await publish(id, 10);
    const build = (target: AliasTarget) => (stack: Stack) => {
      Prompt.fromPromptArn(stack, 'Old', arn, { registry: registryIn(stack), promptName: 'by-hand' }).addAlias('PROD', {
        target,
      });
    };

    expect(await deployer.deployStack('ByHand', build(AliasTarget.version(4)))).toEqual({
      status: 'CREATE_COMPLETE',
      failures: [],
    });
    expect(await pointer('by-hand', 'PROD')).toBe('4');

    const released = await deployer.deployStack('ByHand', build(AliasTarget.parameter()), { ByHandProdVersion: '9' });
    expect(released.failures).toEqual([]);
    expect(await pointer('by-hand', 'PROD')).toBe('9');

    expect(await deployer.destroy('ByHand')).toBe('DELETE_COMPLETE');
    expect(await versions(id)).toEqual(TEN);
  });

  it('of the same stack, follows its draft where a version holds it, and is refused room where none does', async () => {
    const build =
      (text: string, adopted = true) =>
      (stack: Stack) => {
        const prompt = new CfnPrompt(stack, 'Old', { name: 'letters', defaultVariant: 'a', variants: variants(text) });
        prompt.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        if (!adopted) return;
        Prompt.fromPromptRef(stack, 'Adopted', prompt, { registry: registryIn(stack), publishDraft: true }).addAlias(
          'STAGING',
        );
      };
    await deployer.deployStack(STACK, build('Sort {{letter}}', false));
    const [arn = ''] = Object.values(await deployer.resources(STACK, 'AWS::Bedrock::Prompt'));
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    await publish(id, 1);
    for (let by = 2; by <= 9; by++) {
      const draft = { name: 'letters', defaultVariant: 'a', variants: variants(`${by} {{letter}}`) };
      await bedrock.send(new UpdatePromptCommand({ promptIdentifier: id, ...draft }));
      await publish(id, 1);
    }
    await deployer.deployStack(STACK, build('File {{letter}}', false));
    await publish(id, 1);

    expect((await deployer.deployStack(STACK, build('File {{letter}}'))).failures).toEqual([]);
    expect(await pointer('letters', 'STAGING')).toBe('10');

    const back = await deployer.deployStack(STACK, build('Sort {{letter}}'));
    expect(back.failures).toEqual([]);
    expect(await pointer('letters', 'STAGING')).toBe('1');

    const { status, failures } = await deployer.deployStack(STACK, build('Burn {{letter}}'));
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(failures.join()).toMatch(/has 10 versions.*this registry did not make it/);
    expect(await pointer('letters', 'STAGING')).toBe('1');
    expect(await versions(id)).toEqual(TEN);
  });
});
