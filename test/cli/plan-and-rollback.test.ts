import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { describe, expect, it } from 'vitest';
import { CallableVersionsGuard, CombinedCallerPolicy, type PromptAlias } from '../../lib';
import { CommandWorld, THIRD } from './command-world';

const on = CommandWorld.forThisFile();

describe('plan', () => {
  const plan = async (to: string) => JSON.parse((await on.run(`plan advisor PROD --to ${to} --json`)).stdout);

  it('shows who may use what before and after, and moves nothing', async () => {
    await on.prodAt(1);
    const planned = await plan(':2');
    expect(planned).toMatchObject({
      ...{ id: expect.stringMatching(/^arn:aws:cloudformation:.*:changeSet\//), from: 1, to: 2, callers: [] },
      ...{ variables: { added: ['language'], removed: [] }, callable: { after: [2, 1] } },
    });
    expect(Object.keys(planned)).not.toContain('gates');
    expect(await on.pointer()).toBe(1);
  });

  it('is executed by its id alone', async () => {
    await on.prodAt(1);
    const { id } = await plan(':2');
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --yes`);
    expect(code, stderr).toBe(0);
    expect(await on.pointer()).toBe(2);
  });

  it('carries its reason to the release; another one is refused', async () => {
    await on.prodAt(1);
    const { id, reason } = JSON.parse((await on.run('plan advisor PROD --to :2 --reason ticket-4715 --json')).stdout);
    expect(reason).toBe('ticket-4715');
    const other = await on.run(`promote advisor PROD --plan ${id} --reason ticket-4716 --yes`);
    expect([other.code, other.stderr]).toEqual([64, expect.stringContaining('the plan was made with another reason')]);
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --yes`);
    expect(code, stderr).toBe(0);
    const { records } = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    expect(records.at(-1)).toMatchObject({ kind: 'promote', reason: 'ticket-4715' });
  });

  it('is stale once the stack changed: refused with 5, and the alias stays', async () => {
    await on.prodAt(1);
    const { id } = await plan(':2');
    await on.prodAt(3);
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --yes`);
    expect([code, stderr]).toEqual([5, expect.stringContaining('the plan is stale: nothing was moved')]);
    expect(on.aws.calls.at(-1)?.operation).toBe('DescribeChangeSet');
    expect(await on.pointer()).toBe(3);
  });

  it('of another version than the one that is named is refused', async () => {
    await on.prodAt(1);
    const { id } = await plan(':2');
    const { code, stderr } = await on.run(`promote advisor PROD --to :3 --plan ${id} --yes`);
    expect([code, stderr]).toEqual([1, expect.stringContaining('parameter AdvisorProdVersion')]);
  });

  it('made twice at once: one wins, the other says that it did not', async () => {
    await on.prodAt(1);
    const ids = [(await plan(':2')).id, (await plan(':3')).id];
    const ends = await Promise.all(ids.map((id) => on.run(`promote advisor PROD --plan ${id} --yes`)));
    const codes = ends.map(({ code }) => code);
    expect(codes.filter((code) => code === 0)).toHaveLength(1);
    expect([3, 5]).toContain(codes.find((code) => code !== 0));
    expect(await on.pointer()).toBe(codes[0] === 0 ? 2 : 3);
  });

  it('is refused where the update would touch anything else', async () => {
    await on.prodAt(1);
    const ssm = new SSMClient(on.client());
    await ssm.send(new PutParameterCommand({ Name: '/other/team', Value: 'one', Type: 'String' }));
    const extra = (stack: ConstructorParameters<typeof CfnParameter>[0]) => {
      new CfnParameter(stack, 'Bystander', { name: '/copy', type: 'String', value: '{{resolve:ssm:/other/team}}' });
    };
    await on.world.deploy({ text: THIRD, extra });
    await ssm.send(new PutParameterCommand({ Name: '/other/team', Value: 'two', Overwrite: true }));
    const { code, stderr } = await on.run('plan advisor PROD --to :2');
    expect([code, stderr]).toEqual([1, expect.stringContaining('modify Bystander (AWS::SSM::Parameter)')]);
    expect(on.aws.calls.at(-1)?.operation).toBe('DeleteChangeSet');
    await on.world.deploy({ text: THIRD });
  });
});

describe('beside a guard and a policy of several aliases, which follow it,', () => {
  it('a release goes through', async () => {
    await on.prodAt(1);
    const extra = (stack: ConstructorParameters<typeof CfnParameter>[0]) => {
      const aliases = ['PROD', 'STAGING'].map(
        (name) => stack.node.findChild('Advisor').node.findChild(name) as PromptAlias,
      );
      new CallableVersionsGuard(stack, 'Guard', { aliases });
      new CombinedCallerPolicy(stack, 'Combined', { aliases });
    };
    await on.world.deploy({ text: THIRD, extra });
    const { code, stderr } = await on.run('promote advisor PROD --to :2 --yes');
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('refused')]);
    expect(await on.pointer()).toBe(2);
    await on.world.deploy({ text: THIRD });
  });
});

describe('rollback', () => {
  it('goes to the version before, in one command', async () => {
    await on.prodAt(1);
    await on.prodAt(2);
    const { code, stdout } = await on.run('rollback advisor PROD --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('✔ advisor PROD  2 → 1')]);
    expect((await on.run('list')).stdout).toContain('2 (left over)');
  });

  it('finds the version before past 10 releases that failed, as list and status do', async () => {
    await on.prodAt(1);
    await on.prodAt(2);
    on.fault = (logicalId, step) => step === 'Update' && /^AdvisorProdParameter/.test(logicalId);
    for (let failure = 0; failure < 10; failure++) await on.world.deploy({ text: THIRD }, { AdvisorProdVersion: '3' });
    on.fault = () => false;
    expect(await on.pointer()).toBe(2);
    const [{ aliases }] = JSON.parse((await on.run('list advisor --json')).stdout);
    expect(aliases).toContainEqual(expect.objectContaining({ alias: 'PROD', version: 2, alsoCallable: [1] }));
    const status = await on.run('status advisor');
    expect(status.code, status.stdout).toBe(0);
    const { code, stdout } = await on.run('rollback advisor PROD --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 → 1')]);
  });

  it('with --withdraw takes the bad version from all callers in the same update', async () => {
    await on.prodAt(1);
    await on.prodAt(2);
    const { code, stdout } = await on.run('rollback advisor PROD --withdraw --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 → 1, 2 withdrawn')]);
    const refused = await on.run('promote advisor PROD --to :2 --yes');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it is withdrawn')]);
    const status = await on.run('status advisor');
    expect(status.code, status.stdout).toBe(0);
    await on.world.deploy({ text: THIRD }, { AdvisorWithdrawnVersions: 'none' });
  });
});
