import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { App, CfnOutput, DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  AliasTarget,
  type IPromptRegistry,
  Prompt,
  PromptAuditTrail,
  PromptChangeNotifications,
  PromptRegistry,
  PromptVariant,
  Rollout,
} from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';

/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;

let aws: LocalAws;
let deployer: StackDeployer;
let ssm: SSMClient;

beforeAll(async () => {
  aws = await startLocalAws();
  deployer = new StackDeployer(aws);
  ssm = new SSMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
});
afterAll(() => aws.stop());

function promptsIn(stack: Stack, registry: IPromptRegistry, text: string, ...names: string[]): void {
  for (const promptName of names) {
    const variant = PromptVariant.text({ text, model: 'us.amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, promptName, { registry, promptName, variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  }
}

const first = (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/prod',
    policyPropagation: Duration.seconds(0),
  });
  promptsIn(stack, registry, 'one', 'letters');
  const { handlers, publisherRoleName, releaserRoleName } = registry;
  const attributes = { ...handlers, publisherRoleName, releaserRoleName };
  for (const [name, value] of Object.entries(attributes)) new CfnOutput(stack, `Out${name}`, { value });
};

async function pointer(promptName: string, aliasName: string): Promise<string> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `/prompts/prod/${promptName}/${aliasName}` }));
  return Parameter?.Value?.split(':').at(-1) ?? '';
}

it('a second stack joins the registry of the first by its attributes, releases, and goes again', {
  timeout: PATIENCE,
}, async () => {
  expect((await deployer.deployStack('First', first)).failures).toEqual([]);
  const { Outputs = [] } = (await deployer.stack('First')) ?? {};
  const { publisherRoleName, releaserRoleName, ...handlers } = Object.fromEntries(
    Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey.slice(3), OutputValue]),
  );
  const attributes = { parameterPrefix: '/prompts/prod', handlers, publisherRoleName, releaserRoleName };
  const second =
    (text: string, ...names: string[]) =>
    (stack: Stack) =>
      promptsIn(stack, PromptRegistry.fromAttributes(stack, 'Registry', attributes as never), text, ...names);

  expect((await deployer.deployStack('Second', second('one', 'invoices', 'reports'))).failures).toEqual([]);
  expect([
    await pointer('letters', 'STAGING'),
    await pointer('invoices', 'STAGING'),
    await pointer('invoices', 'PROD'),
  ]).toEqual(['1', '1', 'none']);

  const released = await deployer.deployStack('Second', second('two', 'invoices', 'reports'), {
    InvoicesProdVersion: '1',
  });
  expect(released.failures).toEqual([]);
  expect([await pointer('invoices', 'STAGING'), await pointer('invoices', 'PROD')]).toEqual(['2', '1']);

  const refused = await deployer.deployStack('Second', second('three', 'invoices', 'reports'), {
    ReportsProdVersion: '99',
  });
  expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect([await pointer('invoices', 'STAGING'), await pointer('reports', 'PROD')]).toEqual(['2', 'none']);

  expect((await deployer.deployStack('Second', second('two', 'reports'))).failures).toEqual([]);
  expect(await deployer.destroy('Second')).toBe('DELETE_COMPLETE');
  expect(await pointer('letters', 'STAGING')).toBe('1');
  expect(await deployer.destroy('First')).toBe('DELETE_COMPLETE');
});

/** A registry, and what watches it in a stack of its own. */
function watched(option: 'of an alias' | 'of the registry' | 'none') {
  const app = new App({ analyticsReporting: false });
  const { account, region } = aws;
  const stackOf = (name: string) =>
    new Stack(app, name, {
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
      env: { account, region },
    });
  const [registryStack, watch] = [stackOf('Registry'), stackOf('Watch')];
  const registry = new PromptRegistry(registryStack, 'Registry', {
    ...{ parameterPrefix: '/prompts/watched', policyPropagation: Duration.seconds(0) },
    ...(option === 'of the registry' && { rollouts: {} }),
  });
  const variant = PromptVariant.text({ text: 'one', model: 'us.amazon.nova-pro-v1:0' });
  new Prompt(registryStack, 'Watched', { registry, promptName: 'watched', variant }).addAlias('PROD', {
    ...{ target: AliasTarget.parameter(), callableVersions: 3 },
    ...(option === 'of an alias' && { rollout: Rollout.steps([50], { bake: Duration.minutes(1) }) }),
  });
  new PromptAuditTrail(watch, 'Trail', { registries: [registry] });
  new PromptChangeNotifications(watch, 'Notifications', { registry, topic: new Topic(watch, 'Topic') });
  return app.synth();
}

it('the last option goes first from the stack that watches the controller, or leaves the controller', {
  timeout: PATIENCE,
}, async () => {
  /** How it ended, and what the stack itself says of it. */
  const deploy = async (name: string, option: Parameters<typeof watched>[0]) => {
    const { status, failures } = await deployer.deploy(name, watched(option));
    const said = (await deployer.events(name)).find(({ ResourceStatusReason }) =>
      ResourceStatusReason?.includes('Export'),
    );
    return status === 'UPDATE_ROLLBACK_COMPLETE' ? said?.ResourceStatusReason : [status, ...failures].join();
  };
  const COMPLETE = expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/);
  const [begins, stays, gone] = ['of an alias', 'of the registry', 'none'] as const;
  // So that `cdk deploy --all` takes them in this order, whatever they change.
  expect(
    watched(gone)
      .getStackByName('Watch')
      .dependencies.map(({ id }) => id),
  ).toContain('Registry');
  for (const stack of ['Registry', 'Watch']) expect(await deploy(stack, begins)).toEqual(COMPLETE);

  expect(await deploy('Registry', gone)).toMatch(/Registry:ExportsOutput\w*(Controller|Rollouts)\w* .*in use by Watch/);
  expect(await deploy('Registry', stays)).toEqual(COMPLETE);
  expect(await deploy('Registry', gone)).toMatch(/in use by Watch/);
  for (const stack of ['Watch', 'Registry']) expect(await deploy(stack, gone)).toEqual(COMPLETE);
});
