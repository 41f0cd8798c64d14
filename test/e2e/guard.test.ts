import {
  BedrockAgentClient,
  CreatePromptCommand,
  CreatePromptVersionCommand,
  DeletePromptCommand,
  GetPromptCommand,
  ListPromptsCommand,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, CallableVersionsGuard, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';

const NAME = 'Guarded';
const MODEL = 'amazon.nova-pro-v1:0';
/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;

let aws: LocalAws;
let deployer: StackDeployer;
let agent: BedrockAgentClient;
let runtime: BedrockRuntimeClient;
let id: string;
let other: string;

/** A role that may do all of Bedrock, with the guard on it. */
function build(text: string) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
    const promptOf = (promptName: string) =>
      new Prompt(stack, promptName, { registry, promptName, variant: PromptVariant.text({ text, model: MODEL }) });
    const prompt = promptOf('advisor');
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const far = promptOf('unlisted');
    far.addAlias('PROD');
    const role = new Role(stack, 'Role', {
      assumedBy: new AccountRootPrincipal(),
      inlinePolicies: {
        broad: new PolicyDocument({ statements: [new PolicyStatement({ actions: ['bedrock:*'], resources: ['*'] })] }),
      },
    });
    role.addManagedPolicy(new CallableVersionsGuard(stack, 'Guard', { aliases: [prod] }));
    for (const [name, value] of Object.entries({ Role: role.roleArn, Id: prompt.promptId, Other: far.promptId })) {
      new CfnOutput(stack, `${name}Out`, { value });
    }
  };
}

async function deploy(text: string, AdvisorProdVersion: string): Promise<Record<string, string>> {
  const { failures } = await deployer.deployStack(NAME, build(text), { AdvisorProdVersion });
  expect(failures).toEqual([]);
  const { Outputs = [] } = (await deployer.stack(NAME)) ?? {};
  return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']));
}

beforeAll(async () => {
  aws = await startLocalAws();
  deployer = new StackDeployer(aws);
  for (const [text, target] of [
    ['one', '1'],
    ['two', '2'],
    ['three', '3'],
  ] as const) {
    await deploy(text, target);
  }
  // Version 4 is published, and released to nobody.
  const outputs = await deploy('four', '3');
  id = outputs.IdOut as string;
  other = outputs.OtherOut as string;
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
  const { Credentials } = await new STSClient(config).send(
    new AssumeRoleCommand({ RoleArn: outputs.RoleOut, RoleSessionName: 'analyst' }),
  );
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken,
  };
  agent = new BedrockAgentClient({ ...config, credentials });
  runtime = new BedrockRuntimeClient({ ...config, credentials });
}, PATIENCE);
afterAll(() => aws.stop());

const answer = (request: Promise<unknown>) =>
  request.then(
    () => 'allowed',
    (error: Error) => (error.name === 'AccessDeniedException' ? 'denied' : String(error)),
  );
const arn = (prompt: string, version: string) => `arn:aws:bedrock:us-east-1:111122223333:prompt/${prompt}${version}`;
const get = (promptIdentifier: string, promptVersion?: string) =>
  answer(agent.send(new GetPromptCommand({ promptIdentifier, promptVersion })));
const converse = (modelId: string) => answer(runtime.send(new ConverseCommand({ modelId, messages: undefined })));

describe('a role that may do all of Bedrock, with a guard,', () => {
  it.each([
    ['1', 'denied', 'released two releases ago'],
    ['2', 'allowed', 'released just before'],
    ['3', 'allowed', 'where PROD points'],
    ['4', 'denied', 'never released'],
  ])('version %s is %s: %s', async (version, expected) => {
    expect(await get(id, version)).toBe(expected);
    expect(await converse(arn(id, `:${version}`))).toBe(expected);
  });

  it('the draft is denied', async () => {
    expect(await get(id)).toBe('denied');
    expect(await converse(arn(id, ''))).toBe('denied');
  });

  it('a prompt that no alias of the guard belongs to is denied, versions and draft', async () => {
    expect([await get(other), await get(other, '1'), await converse(arn(other, ':1'))]).toEqual(
      Array(3).fill('denied'),
    );
  });

  it('no prompt can be made, changed, published or deleted', async () => {
    const name = 'mine';
    expect([
      await answer(agent.send(new CreatePromptCommand({ name }))),
      await answer(agent.send(new UpdatePromptCommand({ promptIdentifier: id, name }))),
      await answer(agent.send(new CreatePromptVersionCommand({ promptIdentifier: id }))),
      await answer(agent.send(new DeletePromptCommand({ promptIdentifier: id }))),
      await answer(agent.send(new DeletePromptCommand({ promptIdentifier: id, promptVersion: '3' }))),
    ]).toEqual(Array(5).fill('denied'));
  });

  it('all else in Bedrock stays allowed', async () => {
    expect(await answer(agent.send(new ListPromptsCommand({})))).toBe('allowed');
    expect(
      await answer(
        runtime.send(new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text: 'Hi' }] }] })),
      ),
    ).toBe('allowed');
  });

  it(
    'follows a release',
    async () => {
      await deploy('four', '4');
      expect([await get(id, '2'), await get(id, '3'), await get(id, '4')]).toEqual(['denied', 'allowed', 'allowed']);
    },
    PATIENCE,
  );
});
