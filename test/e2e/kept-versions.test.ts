import { BedrockAgentClient, CreatePromptVersionCommand, ListPromptsCommand } from '@aws-sdk/client-bedrock-agent';
import { GetPolicyCommand, GetPolicyVersionCommand, IAMClient } from '@aws-sdk/client-iam';
import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, type PromptProps, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';

const STACK = 'Kept';
/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;

let aws: LocalAws;
let deployer: StackDeployer;
let bedrock: BedrockAgentClient;
let iam: IAMClient;

beforeAll(() =>
  startLocalAws().then((started) => {
    aws = started;
    deployer = new StackDeployer(aws);
    const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    bedrock = new BedrockAgentClient(config);
    iam = new IAMClient(config);
  }),
);
afterAll(() => aws.stop());

async function deploy(text: string, props: Partial<PromptProps> = {}, parameters: Record<string, string> = {}) {
  const build = (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    new Prompt(stack, 'Letters', { registry, promptName: 'letters', variant, ...props }).addAlias('PROD', {
      target: AliasTarget.parameter(),
      callableVersions: 3,
    });
  };
  return deployer.deployStack(STACK, build, parameters);
}

async function promptId(): Promise<string> {
  const [arn = ''] = Object.values(await deployer.resources(STACK, 'AWS::Bedrock::Prompt'));
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Descriptions by version. */
async function versions(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let nextToken: string | undefined;
  do {
    const page = await bedrock.send(new ListPromptsCommand({ promptIdentifier: await promptId(), nextToken }));
    for (const { version = '', description = '' } of page.promptSummaries ?? []) found[version] = description;
    nextToken = page.nextToken;
  } while (nextToken);
  delete found.DRAFT;
  return found;
}

/** What the policy of callers names, without the slots that are empty. */
async function callable(): Promise<string[]> {
  const [PolicyArn] = Object.values(await deployer.resources(STACK, 'AWS::IAM::ManagedPolicy'));
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
  );
  const { Statement } = JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''));
  return Statement[0].Resource.flatMap((arn: string) => /:prompt\/\w+:(\d+)$/.exec(arn)?.[1] ?? []);
}

describe('the versions of a prompt', { timeout: PATIENCE }, () => {
  it('are published for content alone: another note changes nothing', async () => {
    await deploy('one', { versionNote: 'the first' }, { LettersProdVersion: '1' });
    const before = await versions();
    expect(before).toEqual({ 1: expect.stringMatching(/^pd1:[0-9a-f]{64} the first$/) });

    expect(await deploy('one', { versionNote: 'another' })).toEqual({ status: 'UPDATE_COMPLETE', failures: [] });
    expect(await versions()).toEqual(before);
  });

  it('are callable as many as the alias says, without those that are withdrawn', async () => {
    await deploy('two', {}, { LettersProdVersion: '2' });
    await deploy('three', {}, { LettersProdVersion: '3' });
    expect(await callable()).toEqual(['3', '2', '1']);

    await deploy('three', {}, { LettersWithdrawnVersions: '2' });
    expect(await callable()).toEqual(['3', '1']);

    const refused = await deploy('three', {}, { LettersProdVersion: '2' });
    expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(refused.failures.join()).toContain('VersionWithdrawn');
    expect(await callable()).toEqual(['3', '1']);

    await deploy('three', {}, { LettersWithdrawnVersions: '2,3' });
    expect(await callable()).toEqual(['1']);

    // A withdrawal is remembered until the version is released again.
    await deploy('three', {}, { LettersWithdrawnVersions: 'none' });
    expect(await callable()).toEqual(['3', '1']);
  });

  it('make room by the oldest that nothing needs: none that is kept, callable, or somebody else’s', async () => {
    await deploy('four', {}, { LettersProdVersion: '4' });
    await deploy('five', {}, { LettersProdVersion: '5' });
    for (const description of ['a', 'b', 'c', 'd', 'e']) {
      await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: await promptId(), description }));
    }
    expect(Object.keys(await versions())).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);

    expect((await deploy('six', { keepVersions: [1] })).failures).toEqual([]);
    expect(Object.keys(await versions())).toEqual(['1', '3', '4', '5', '6', '7', '8', '9', '10', '11']);

    const full = await deploy('seven', { keepVersions: [1] });
    expect(full.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(full.failures.join()).toMatch(
      /version 1: listed in keepVersions; version 3: alias PROD pointed at it just before.*version 5: alias PROD points at it; version 6: this registry did not make it/,
    );
    expect(Object.keys(await versions())).toEqual(['1', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
  });
});
