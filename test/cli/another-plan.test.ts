import {
  CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DescribeChangeSetCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CfnOutput, CfnParameter } from 'aws-cdk-lib';
import { CfnParameter as SsmParameter } from 'aws-cdk-lib/aws-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsClients } from '../../cli/aws-clients';
import { Interruption } from '../../cli/interruption';
import { Registry } from '../../cli/registry';
import { execute } from '../../cli/release/execution';
import { prepare, type ReleaseOrder } from '../../cli/release/release';
import { releaseRequest } from '../../cli/release/release-request';
import { findRegistryStack } from '../../cli/stack-finder';
import { CommandWorld, THIRD } from './command-world';
import { fakeTerminal } from './fake-terminal';
import { STACK } from './registry-world';

const on = CommandWorld.forThisFile();
const environment = { ...process.env };
beforeAll(() => void Object.assign(process.env, on.aws.environment()));
afterAll(() => {
  process.env = environment;
});

const cloudFormation = () => new CloudFormationClient(on.client());

function raise(): never {
  throw new Error('not in the template');
}

interface Template {
  Parameters: Record<string, Record<string, unknown>>;
  Resources: Record<string, { Type: string; DependsOn?: unknown; Properties: Record<string, unknown> }>;
  Outputs?: Record<string, unknown>;
}

async function stackTemplate(): Promise<string> {
  const { TemplateBody = '' } = await cloudFormation().send(
    new GetTemplateCommand({ StackName: STACK, TemplateStage: 'Original' }),
  );
  return TemplateBody;
}

/** The template of the stack with an edit, as somebody else would plan it. */
async function edited(edit: (template: Template) => void): Promise<Partial<CreateChangeSetCommandInput>> {
  const template = JSON.parse(await stackTemplate()) as Template;
  edit(template);
  return { UsePreviousTemplate: undefined, TemplateBody: JSON.stringify(template, null, 1) };
}

/** A change set that moves PROD to 2, made without the command; answers its id. */
async function planned(
  more: Partial<CreateChangeSetCommandInput> = {},
  values: Record<string, string> = {},
): Promise<string> {
  const stack = await on.world.stack();
  const changed: Record<string, string> = { AdvisorProdVersion: '2', ...values };
  const { Id = '' } = await cloudFormation().send(
    new CreateChangeSetCommand({
      StackName: STACK,
      ChangeSetName: `plan-${Math.random().toString(36).slice(2)}`,
      UsePreviousTemplate: true,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: stack?.Parameters?.map(({ ParameterKey = '' }) =>
        changed[ParameterKey] === undefined
          ? { ParameterKey, UsePreviousValue: true }
          : { ParameterKey, ParameterValue: changed[ParameterKey] },
      ),
      ...more,
    }),
  );
  return Id;
}

async function open(): Promise<Registry> {
  const clients = awsClients({});
  return new Registry(clients, await findRegistryStack(clients, {}));
}

function orderOf(planId?: string): ReleaseOrder {
  const named = { promptName: 'advisor', aliasName: 'PROD', reason: undefined, withdraw: false };
  return { verb: 'promote', ...named, to: planId ? undefined : ':2', planId };
}

/** Prepares a release as `promote` does, in this process; the registry may have been opened long before. */
function preparing(order: ReleaseOrder, registry: Registry) {
  const { terminal } = fakeTerminal(undefined);
  return prepare(
    {
      ...{
        terminal,
        positionals: [],
        values: {},
        interruption: new Interruption(),
        commands: [],
        now: () => new Date(),
      },
      openRegistry: async () => registry,
    },
    order,
  );
}

async function refusal(more: Partial<CreateChangeSetCommandInput>, values?: Record<string, string>): Promise<string> {
  const id = await planned(more, values);
  const error = await preparing(orderOf(id), await open()).then(
    () => undefined,
    (thrown) => thrown,
  );
  return `${error?.message}\n${error?.why}`;
}

describe('A plan that somebody else made', () => {
  it('of the same template and values is executed, with rollback on', async () => {
    await on.prodAt(1);
    const id = await planned();
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --yes`);
    expect(code, stderr).toBe(0);
    expect(await on.pointer()).toBe(2);
    const { input } = on.aws.calls.findLast(({ operation }) => operation === 'ExecuteChangeSet') ?? {};
    expect(input).toMatchObject({ DisableRollback: false });
  });

  it('with `Allow *` in the caller policy is refused by the command, and nothing moves', async () => {
    await on.prodAt(1);
    const id = await planned(
      await edited(({ Resources }) => {
        const [, { Properties }] =
          Object.entries(Resources).find(([name]) => /^AdvisorProdCallerPolicy/.test(name)) ?? raise();
        const { Statement } = Properties.PolicyDocument as { Statement: object[] };
        Statement.push({ Effect: 'Allow', Action: '*', Resource: '*' });
      }),
    );
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --yes`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("the template is not the stack's own")]);
    expect(
      on.aws.calls.some(({ operation, input }) => operation === 'ExecuteChangeSet' && input?.ChangeSetName === id),
    ).toBe(false);
    expect(await on.pointer()).toBe(1);
  });

  it.each<[string, (template: Template) => void]>([
    [
      'an order',
      ({ Resources }) => {
        for (const [name, resource] of Object.entries(Resources))
          if (/^AdvisorProdAlias/.test(name)) delete resource.DependsOn;
      },
    ],
    [
      'a pattern',
      ({ Parameters }) => {
        for (const parameter of Object.values(Parameters)) delete parameter.AllowedPattern;
      },
    ],
    [
      'an output',
      (template) => {
        template.Outputs = { ...template.Outputs, Extra: { Value: 'x' } };
      },
    ],
    ['nothing but white space', () => {}],
  ])('whose template differs in %s is refused', async (_, edit) => {
    await on.prodAt(1);
    const other = await edited(edit);
    if (other.TemplateBody === (await stackTemplate())) other.TemplateBody += '\n';
    expect(await refusal(other)).toContain("the template is not the stack's own");
  });

  const alarm = { Arn: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:x', Type: 'AWS::CloudWatch::Alarm' };
  it.each<[Partial<CreateChangeSetCommandInput>, string]>([
    [{ Tags: [{ Key: 'owner', Value: 'somebody' }] }, 'other tags'],
    [{ NotificationARNs: ['arn:aws:sns:us-east-1:111122223333:mine'] }, 'other notification topics'],
    [{ OnStackFailure: 'DO_NOTHING' }, 'OnStackFailure DO_NOTHING'],
    [{ OnStackFailure: 'ROLLBACK' }, 'OnStackFailure ROLLBACK'],
    [{ ImportExistingResources: true }, 'ImportExistingResources'],
    [{ IncludeNestedStacks: true }, 'IncludeNestedStacks'],
    [{ DeploymentMode: 'REVERT_DRIFT' }, 'DeploymentMode REVERT_DRIFT'],
    [{ RollbackConfiguration: { RollbackTriggers: [alarm] } }, 'another rollback configuration'],
    [{ RollbackConfiguration: { MonitoringTimeInMinutes: 180 } }, 'another rollback configuration'],
    [{ Capabilities: ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'] }, 'CAPABILITY_AUTO_EXPAND'],
  ])('that says %j is refused', async (more, message) => {
    await on.prodAt(1);
    expect(await refusal(more)).toContain(message);
  });

  it('is refused by whatever executes change sets, also where nothing looked at it before', async () => {
    await on.prodAt(1);
    const registry = await open();
    const request = await releaseRequest(registry, { ...orderOf(), to: ':2' });
    const id = await planned({ Tags: [{ Key: 'owner', Value: 'somebody' }] });
    const described = await cloudFormation().send(new DescribeChangeSetCommand({ ChangeSetName: id }));
    const begin = () => expect.unreachable();
    await expect(execute(registry, { ...described, isOwn: true }, [request], begin)).rejects.toThrow(
      /touch more than PROD/,
    );
  });
});

describe('Parameters that do not show what they are', () => {
  const secret = (value: string, isUsed: boolean) => (stack: ConstructorParameters<typeof CfnParameter>[0]) => {
    const { valueAsString } = new CfnParameter(stack, 'Secret', { noEcho: true, default: value });
    if (isUsed) new SsmParameter(stack, 'User', { name: '/secret/user', type: 'String', value: valueAsString });
  };

  it('a masked one that a resource uses may stay; changed, the resource shows it', async () => {
    await on.prodAt(1);
    await on.world.deploy({ text: THIRD, extra: secret('one', true) });
    expect(await refusal({}, { Secret: 'two' })).toMatch(/modify User/);
    const id = await planned();
    await expect(preparing(orderOf(id), await open())).resolves.toMatchObject({ plan: { to: 2 } });
  });

  it('a masked one that no resource uses is refused in a plan, and no hindrance to the command itself', async () => {
    await on.prodAt(1);
    await on.world.deploy({ text: THIRD, extra: secret('one', false) });
    expect(await refusal({}, { Secret: 'two' })).toContain('parameter Secret: CloudFormation does not show its value');
    await expect(preparing(orderOf(), await open())).resolves.toMatchObject({ plan: { to: 2 } });
  });

  it('one of SSM that has another value now is refused where an output uses it, not where only a rule does', async () => {
    await on.prodAt(1);
    const ssm = new SSMClient(on.client());
    const put = (Name: string, Value: string) =>
      ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    for (const name of ['/outside/output', '/outside/rule']) await put(name, 'one');
    const type = 'AWS::SSM::Parameter::Value<String>';
    const extra = (stack: ConstructorParameters<typeof CfnParameter>[0]) => {
      new CfnParameter(stack, 'OfRule', { type, default: '/outside/rule' });
      const { valueAsString: value } = new CfnParameter(stack, 'OfOutput', { type, default: '/outside/output' });
      new CfnOutput(stack, 'Shown', { value });
    };
    await on.world.deploy({ text: THIRD, extra });
    await put('/outside/rule', 'two');
    await expect(preparing(orderOf(), await open())).resolves.toMatchObject({ plan: { to: 2 } });
    await put('/outside/output', 'two');
    await expect(preparing(orderOf(), await open())).rejects.toMatchObject({
      why: expect.stringContaining('parameter OfOutput: /outside/output has the value two now, was one'),
    });
    await on.world.deploy({ text: THIRD });
  });
});

describe('A registry that was opened before somebody else withdrew a version', () => {
  const withdrawnIn = async (id: string) => {
    const { Parameters = [] } = await cloudFormation().send(new DescribeChangeSetCommand({ ChangeSetName: id }));
    return Parameters.find(({ ParameterKey }) => ParameterKey === 'AdvisorWithdrawnVersions')?.ParameterValue;
  };
  const withdrawing: ReleaseOrder = { ...orderOf(), verb: 'rollback', to: ':1', withdraw: true };

  it('plans with both withdrawals', async () => {
    await on.prodAt(1);
    await on.prodAt(2);
    const registry = await open();
    await on.world.deploy({ text: THIRD }, { AdvisorWithdrawnVersions: '3' });
    const { plan } = await preparing(withdrawing, registry);
    expect(await withdrawnIn(plan?.id ?? '')).toBe('2,3');
    await on.world.deploy({ text: THIRD }, { AdvisorWithdrawnVersions: 'none' });
  });

  it('refuses a plan with 5 where it happens between reading and planning', async () => {
    await on.prodAt(1);
    await on.prodAt(2);
    let isDone = false;
    on.aws.interceptors.push(async ({ operation }) => {
      if (operation !== 'CreateChangeSet' || isDone) return;
      isDone = true;
      await on.world.deploy({ text: THIRD }, { AdvisorWithdrawnVersions: '3' });
    });
    await expect(preparing(withdrawing, await open())).rejects.toMatchObject({ exitCode: 5 });
    expect(isDone).toBe(true);
    await on.world.deploy({ text: THIRD }, { AdvisorWithdrawnVersions: 'none' });
  });
});

describe('A plan with a role of its own', () => {
  it('cannot be told beforehand; the command says afterwards that the stack has it now', async () => {
    await on.prodAt(1);
    const iam = new IAMClient(on.client());
    const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'theirs', AssumeRolePolicyDocument }));
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'theirs', PolicyArn }));
    const id = await planned({ RoleARN: Role?.Arn });
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --yes`);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`works with: none to ${Role?.Arn}`)]);
    expect(await on.pointer()).toBe(2);
  });
});
