import { join } from 'node:path';
import { CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation';
import { GetRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import type { Interceptor } from '../../packages/local-aws/server';
import { idOf, RegistryBench } from './registry-bench';
import { StepGate } from './step-gate';

const UNKNOWN_DIGEST = `pd1:${'0'.repeat(64)}`;
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };

interface App {
  readonly text: string;
  readonly keepVersions?: number[];
  /** Without its prompt the stack holds the registry only. */
  readonly hasPrompt?: boolean;
  /** How the publisher's function differs from the one that the construct makes. */
  readonly publisher?: { readonly Timeout?: number; readonly environment?: Record<string, string> };
}

const gate = new StepGate();
let fault: Interceptor = () => {};
let bench: RegistryBench;
let current: App = { text: 'Explain {{ticker}}' };

/** It tries for half a minute where a permission is missing, which IAM may be about to spread; with this, for seconds. */
const WITHOUT_PATIENCE = { Timeout: 22 };
/** It tries for half a minute where Bedrock throttles; with this, ten times as fast. */
const WITH_SHORT_WAITS = { environment: { NODE_OPTIONS: `--require ${join(__dirname, 'short-waits.cjs')}` } };

const templates = new Map<string, string>();

async function templateOf(app: App): Promise<string> {
  const key = JSON.stringify(app);
  const template = templates.get(key) ?? (await synthesize(app));
  templates.set(key, template);
  return template;
}

async function synthesize({ text, keepVersions, hasPrompt = true, publisher }: App): Promise<string> {
  const { parameterPrefix, promptName } = bench.names;
  const template = await bench.synthesize((stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix, policyPropagation: Duration.seconds(0) });
    if (!hasPrompt) return;
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Prompt', { registry, promptName, variant, keepVersions });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  });
  if (!publisher) return template;
  const edited = JSON.parse(template);
  const [handler] = Object.keys(edited.Resources).filter((id) => /^VersionHandler[0-9A-F]{8}$/.test(id));
  const { Properties } = edited.Resources[String(handler)];
  Object.assign(Properties, publisher.Timeout && { Timeout: publisher.Timeout });
  Object.assign(Properties.Environment.Variables, publisher.environment);
  return JSON.stringify(edited);
}

/** Deploys the app as it is now, with the stated differences. */
async function deploy(parameters: Record<string, string> = {}, change: Partial<App> = {}) {
  return bench.deploy(await templateOf({ ...current, ...change }), parameters);
}

/** A deployment that goes well and moves something: PROD goes to the other one of versions 1 and 2. */
async function expectNextDeploymentToWork(): Promise<void> {
  const { PROD } = await bench.pointers();
  const other = PROD === '1' ? '2' : '1';
  expect(await deploy({ AdvisorProdVersion: other, AdvisorWithdrawnVersions: 'none' })).toEqual(COMPLETE);
  expect(await bench.pointers()).toMatchObject({ PROD: other });
}

/** The deployment fails with one reason, and nothing moved. */
async function expectRefusal(
  reason: RegExp,
  parameters: Record<string, string>,
  change: Partial<App> = {},
): Promise<void> {
  const before = await bench.standing();
  const { status, failures } = await deploy(parameters, change);
  // What CloudFormation was still at when that failed it cancels, which is no reason of its own.
  const reasons = failures.filter((failure) => !/: Resource (creation|update) cancelled$/.test(failure));
  expect(reasons.map((failure) => failure.replace(/ \(RequestId: .*/, ''))).toEqual([expect.stringMatching(reason)]);
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await bench.standing()).toEqual(before);
}

async function publisherOf(): Promise<string> {
  const roles = await bench.deployer.resources(bench.names.stack, 'AWS::IAM::Role');
  return Object.entries(roles).find(([logicalId]) => logicalId.startsWith('PublisherRole'))?.[1] ?? '';
}

beforeAll(async () => {
  bench = await RegistryBench.start(
    { stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' },
    { cloudFormation: { failAt: gate.failAt }, interceptors: [(call) => fault(call)] },
  );
  expect((await deploy()).failures).toEqual([]);
  current = { text: 'Explain {{ticker}} well' };
  expect(await deploy({ AdvisorProdVersion: '1' })).toEqual(COMPLETE);
}, 120_000);

afterEach(() => {
  fault = () => {};
});

afterAll(() => bench.aws.stop());

describe('A release is refused with one reason, moves nothing, and does not block the next one:', () => {
  const known = 'the prompt has versions 1 \\(pd1:[0-9a-f]{8}…\\), 2 \\(pd1:[0-9a-f]{8}…\\)';
  const impossible: [string, string, RegExp, Record<string, string>][] = [
    [
      'a version that does not exist, naming those that do',
      'NoSuchVersion',
      new RegExp(`cannot point at version 99: ${known}; set stack parameter AdvisorProdVersion to one of them$`),
      { AdvisorProdVersion: '99' },
    ],
    [
      'a digest that no version has, naming those that exist',
      'NoSuchDigest',
      new RegExp(
        `cannot point at ${UNKNOWN_DIGEST}: no version of the prompt has that content; it has versions 1 .*, 2 `,
      ),
      { AdvisorProdVersion: UNKNOWN_DIGEST },
    ],
    [
      'none after a version, naming the cause and the way to stay',
      'NoneAfterVersion',
      /points at version \d and must not be reset to none: stack parameter AdvisorProdVersion was reset to its Default.*; deploy with AdvisorProdVersion=\d to stay/,
      { AdvisorProdVersion: 'none' },
    ],
  ];

  it.each(impossible)('%s', async (_, code, reason, parameters) => {
    const message = new RegExp(`^AdvisorProdReleasePlan.*${code}: alias PROD of prompt advisor ${reason.source}`);
    await expectRefusal(message, parameters);

    await expectNextDeploymentToWork();
  });

  it('a version that is withdrawn', async () => {
    const { PROD } = await bench.pointers();
    const other = PROD === '1' ? '2' : '1';
    const reason = `VersionWithdrawn: alias PROD of prompt advisor cannot move to version ${other}: it is withdrawn`;
    await expectRefusal(new RegExp(reason), { AdvisorProdVersion: other, AdvisorWithdrawnVersions: other });

    await expectNextDeploymentToWork();
  });

  it.each(['0', 'DRAFT', 'latest', '1; drop', ''])('%j, before anything is looked at', async (version) => {
    const before = await bench.standing();
    const reason = 'Parameter AdvisorProdVersion failed to satisfy constraint: none, a version number from 1 to 99999';

    await expect(deploy({ AdvisorProdVersion: version })).rejects.toThrow(reason);

    expect(await bench.standing()).toEqual(before);
  });

  it('after those as well', expectNextDeploymentToWork);
});

describe('New content is refused with one reason, moves nothing, and does not block the next deployment:', () => {
  it('when somebody edited the draft between CloudFormation and us', async () => {
    gate.before(/^AdvisorVersion/, () => bench.editDraft('Sell {{ticker}}'));
    await expectRefusal(
      /DraftChanged: expected the draft of advisor to hold the declared content pd1:.*: somebody edited the draft/,
      {},
      { text: 'Explain {{ticker}} badly' },
    );
    gate.open();

    await expectNextDeploymentToWork();
  });

  it('when somebody edited the draft between our look at it and the version made of it', async () => {
    const role = await publisherOf();
    fault = async ({ operation, principalArn }) => {
      if (operation === 'CreatePromptVersion' && principalArn.includes(role)) await bench.editDraft('Sell {{ticker}}');
    };
    await expectRefusal(/DraftChanged: expected the draft of advisor/, {}, { text: 'Explain {{ticker}} badly' });
    fault = () => {};

    await expectNextDeploymentToWork();
  });

  it('when the publisher lacks a permission, which the reason names', async () => {
    const RoleName = await publisherOf();
    const policy = { RoleName, PolicyName: bench.names.stack };
    const { PolicyDocument = '' } = await bench.operator.iam.send(new GetRolePolicyCommand(policy));
    const document = decodeURIComponent(PolicyDocument);
    const without = document.replaceAll('"bedrock:ListPrompts",', '');
    expect(without).not.toBe(document);
    await bench.operator.iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: without }));
    await expectRefusal(
      /^AdvisorVersion.*AccessDeniedException: User: .* is not authorized to perform: bedrock:ListPrompts/,
      {},
      { text: 'Explain {{ticker}} badly', publisher: WITHOUT_PATIENCE },
    );
    await bench.operator.iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: document }));

    await expectNextDeploymentToWork();
  });

  it('when Bedrock throttles us for as long as we try', async () => {
    const role = await publisherOf();
    fault = ({ operation, principalArn }) => {
      if (operation === 'CreatePromptVersion' && principalArn.includes(role)) {
        throw new AwsError(
          'ThrottlingException',
          429,
          'Your request rate is too high. Reduce the frequency of requests.',
        );
      }
    };
    await expectRefusal(
      /^AdvisorVersion.*ThrottlingException: Your request rate is too high\./,
      {},
      { text: 'Explain {{ticker}} badly', publisher: WITH_SHORT_WAITS },
    );
    fault = () => {};

    await expectNextDeploymentToWork();
  });

  it('when all ten versions are held, naming each with what holds it', async () => {
    const promptIdentifier = await bench.promptArn();
    for (let made = 2; made < 10; made++) {
      await bench.operator.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier }));
    }
    const versions = await bench.versions();
    const newest = versions.at(-1);
    const byHand = versions.slice(2, -1).map((version) => `version ${version}: this registry did not make it; `);
    const holders = `version 1: alias (PROD|STAGING) point.*; version 2: alias (PROD|STAGING) point.*; ${byHand.join('')}`;
    const all = `NoRoomForVersion: the prompt has 10 versions, .* \\(${holders}version ${newest}: it is the newest\\)`;
    const change = { text: 'Explain {{ticker}} better' };
    await expectRefusal(new RegExp(all), {}, change);

    await expectNextDeploymentToWork();
    await bench.deleteByHand(promptIdentifier, String(versions[2]));
    expect(await deploy({}, change)).toEqual(COMPLETE);
    current = { ...current, ...change };
    expect(await bench.pointers()).toMatchObject({ STAGING: String(Number(newest) + 1) });
  });
});

describe('A prompt that somebody deleted in Bedrock', () => {
  let lost: string;

  it('is named by the reason for which its release fails', async () => {
    lost = await bench.promptArn();
    await bench.deleteByHand(lost);
    const before = await bench.standing(lost);
    const { status, failures } = await deploy({ AdvisorProdVersion: '3' });

    const reason = `PromptDeleted: expected the prompt advisor \\(${idOf(lost)}\\) in Bedrock, found none: it was deleted outside the stack`;
    expect(failures).toEqual([expect.stringMatching(reason)]);
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await bench.standing(lost)).toEqual(before);
  });

  it('stops a change of its content in CloudFormation, whose way back then has to leave it out', async () => {
    const { status, failures } = await deploy({}, { text: 'Explain {{ticker}} badly' });
    expect(failures[0]).toMatch(/^AdvisorPrompt.*Could not find prompt/);
    expect(status).toBe('UPDATE_ROLLBACK_FAILED');

    const [prompt = ''] = Object.keys(await bench.deployer.resources(bench.names.stack, 'AWS::Bedrock::Prompt'));
    await bench.deployer.cloudFormation.send(
      new ContinueUpdateRollbackCommand({ StackName: bench.names.stack, ResourcesToSkip: [prompt] }),
    );
    expect(await bench.deployer.settled(bench.names.stack)).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it('can be removed from the app and added again, as the reason says', async () => {
    expect(await deploy({}, { hasPrompt: false })).toEqual(COMPLETE);
    expect(await bench.pointers()).toEqual({});
    for (const alias of ['PROD', 'STAGING']) {
      expect((await bench.ledger(alias, lost)).at(-1)).toMatchObject({ kind: 'remove', to: null });
    }

    expect(await deploy()).toEqual(COMPLETE);
    expect(await bench.pointers()).toEqual({ PROD: 'none', STAGING: '1' });
    expect(await deploy({ AdvisorProdVersion: '1' })).toEqual(COMPLETE);
  });
});
