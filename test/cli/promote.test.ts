import { describe, expect, it } from 'vitest';
import { AwsError } from '../../packages/local-aws/aws-error';
import { CommandWorld } from './command-world';
import { openCable } from './cut-cable';
import { STACK } from './registry-world';

const on = CommandWorld.forThisFile();

describe('promote', () => {
  it('moves an alias, after the diff and what callers must supply, and the ledger names its operation', async () => {
    await on.prodAt(1);
    const { code, stdout, stderr } = await on.run('promote advisor PROD --to :2 --yes --reason ticket-4711');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('[-balanced-]{+conservative+}');
    expect(stdout).toContain('callers must now supply language');
    expect(stdout).toContain('✔ advisor PROD  1 → 2');
    expect(stderr).toContain('AWS::SSM::Parameter');
    expect(await on.pointer()).toBe(2);
    const history = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    expect(history.records.at(-1)).toMatchObject({
      kind: 'promote',
      operation: expect.stringMatching(/^prompt-registry-/),
    });
    expect((await on.run('status advisor')).code).toBe(0);
  });

  it('moves to nothing that is no version, whatever stands between dots', async () => {
    await on.prodAt(1);
    const targets = ['1..2..3', ':1..:2..', '1..', 'v1.0..v2', 'V1.0'];
    const found = await Promise.all(targets.map((to) => on.run(`promote advisor PROD --to ${to} --yes`)));
    expect(found.map(({ code }, index) => `${targets[index]}: ${code}`)).toEqual(
      targets.map((to) => `${to}: ${/^v/i.test(to) ? 1 : 64}`),
    );
    for (const { stderr } of found) expect(stderr).toMatch(/names no version|no content of advisor has the tag/);
    expect(found[0]?.stderr).toContain('3..4');
    expect(await on.pointer()).toBe(1);
  });

  it('writes the reason into the record, and into that of no later release', async () => {
    await on.prodAt(1);
    const told = await on.run('promote advisor PROD --to :2 --yes --reason ticket-4712:shorter');
    expect(told.code, told.stderr).toBe(0);
    expect(told.stdout).toMatch(/reason +ticket-4712:shorter/);
    expect((await on.run('promote advisor PROD --to :3 --yes')).code).toBe(0);
    const { records } = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    expect(records.slice(-2).map(({ reason }: { reason: string | null }) => reason)).toEqual([
      'ticket-4712:shorter',
      null,
    ]);
  });

  it('refuses the words of last time, which CloudFormation would not tell from silence', async () => {
    await on.prodAt(1);
    expect((await on.run('promote advisor PROD --to :2 --yes --reason ticket-4713')).code).toBe(0);
    const before = on.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet').length;
    const { code, stderr } = await on.run('promote advisor PROD --to :3 --yes --reason ticket-4713');
    expect([code, stderr]).toEqual([1, expect.stringContaining('the same reason as last time would not be recorded')]);
    expect(stderr).toContain('say it in other words');
    expect(on.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet')).toHaveLength(before);
    expect(await on.pointer()).toBe(2);
  });

  it('that was rolled back may be tried again with the same words, and the record has them', async () => {
    await on.prodAt(1);
    on.fault = (logicalId, step) => step === 'Update' && /^AdvisorProdParameter/.test(logicalId);
    expect((await on.run('promote advisor PROD --to :2 --yes --reason ticket-4714')).code).toBe(4);
    on.fault = () => false;
    const { code, stderr } = await on.run('promote advisor PROD --to :2 --yes --reason ticket-4714');
    expect(code, stderr).toBe(0);
    const { records } = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    const told = records.slice(-3).map((record: { undo: boolean; reason: string }) => [record.undo, record.reason]);
    expect(told).toEqual([
      [false, 'ticket-4714'],
      [true, null],
      [false, 'ticket-4714'],
    ]);
  });

  it('sends the version of another alias as a number, and nothing but one parameter', async () => {
    await on.prodAt(1);
    expect((await on.run('promote advisor PROD --to @STAGING --yes')).code).toBe(0);
    const { input = {} } = on.aws.calls.findLast(({ operation }) => operation === 'CreateChangeSet') ?? {};
    expect(input).toMatchObject({ UsePreviousTemplate: true, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    const changed = (input.Parameters as { UsePreviousValue?: boolean }[]).filter((one) => !one.UsePreviousValue);
    expect(changed).toEqual([{ ParameterKey: 'AdvisorProdVersion', ParameterValue: '3' }]);
  });

  it('says that an alias is there already, and changes nothing', async () => {
    await on.prodAt(2);
    const before = on.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet').length;
    const { code, stdout } = await on.run('promote advisor PROD --to :2 --yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('points to 2 already')]);
    expect(on.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet')).toHaveLength(before);
  });

  it('never asks without a terminal', async () => {
    const before = on.aws.calls.length;
    const { code, stderr } = await on.run('promote advisor PROD --to :2');
    expect([code, stderr]).toEqual([64, expect.stringContaining('--yes')]);
    expect(on.aws.calls).toHaveLength(before);
  });

  it('refuses an alias that source pins, and says so', async () => {
    const { code, stderr } = await on.run('promote advisor FIXED --to :2 --yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('pinned to version 1 in source')]);
  });

  it.each([
    ['promote advisor PROD --to :9 --yes', 'the prompt has versions 1'],
    ['promote advisor PROD --to draft --yes', 'cannot point to draft'],
    ['promote advisor PROD --to latest --yes', 'names no version'],
    ['promote advisor prod --to :2 --yes', 'did you mean PROD?'],
    ['promote nobody PROD --to :2 --yes', 'prompts there: advisor'],
    ['promote advisor PROD --yes', 'missing --to'],
  ])('refuses %s', async (args, message) => {
    const { code, stderr } = await on.run(args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('that CloudFormation rolls back exits with 4, says what failed, and leaves the alias', async () => {
    await on.prodAt(1);
    on.fault = (logicalId, step) => step === 'Update' && /^AdvisorProdParameter/.test(logicalId);
    const { code, stderr } = await on.run('promote advisor PROD --to :2 --yes');
    expect(code).toBe(4);
    expect(stderr).toContain('CloudFormation rolled the release back: advisor PROD points to 1, as before');
    expect(stderr).toMatch(/why +AdvisorProdParameter/);
    expect(await on.pointer()).toBe(1);
    expect((await on.run('status advisor')).code).toBe(0);
  });

  it('interrupted in the middle says that CloudFormation goes on, and how to stop it', async () => {
    await on.prodAt(1);
    const letGo = on.hold();
    const { child, finished } = on.start('promote advisor PROD --to :2 --yes');
    await on.executed();
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    letGo();
    expect(code).toBe(130);
    expect(stderr).toContain('CloudFormation is still running the release of advisor PROD to 2');
    expect(stderr).toContain(`aws cloudformation cancel-update-stack --stack-name ${STACK}`);
    expect(await on.world.settled()).toBe('UPDATE_COMPLETE');
    expect(await on.pointer()).toBe(2);
  });

  it('interrupted before CloudFormation began leaves no change set behind', async () => {
    await on.prodAt(1);
    on.aws.interceptors.push(async ({ operation }) => {
      if (operation === 'ListEntitiesForPolicy') await new Promise((resolve) => setTimeout(resolve, 3_000));
    });
    const { child, finished } = on.start('promote advisor PROD --to :2 --yes');
    while (on.aws.calls.at(-1)?.operation !== 'ListEntitiesForPolicy')
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining('nothing was moved')]);
    expect(on.aws.calls.at(-1)?.operation).toBe('DeleteChangeSet');
    expect(await on.pointer()).toBe(1);
  });

  it.each([
    ['is making it', 'CreateChangeSet'],
    ['works it out', 'DescribeChangeSet'],
  ])('interrupted while CloudFormation %s leaves no change set behind', async (_, slow) => {
    await on.prodAt(1);
    const from = on.aws.calls.length;
    on.aws.interceptors.push(async ({ operation }) => {
      if (operation === slow) await new Promise((resolve) => setTimeout(resolve, 3_000));
    });
    const { child, finished } = on.start('promote advisor PROD --to :2 --yes');
    while (on.aws.calls.slice(from).every(({ operation }) => operation !== slow))
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining('nothing was moved')]);
    const operations = on.aws.calls.slice(from).map(({ operation }) => operation);
    expect(operations).toContain('DeleteChangeSet');
    expect(operations).not.toContain('ExecuteChangeSet');
    expect(await on.pointer()).toBe(1);
  });

  it('leaves no change set behind where nobody may look at it', async () => {
    await on.prodAt(1);
    on.aws.interceptors.push(({ operation }) => {
      if (operation === 'DescribeChangeSet') throw new AwsError('AccessDenied', 403, 'not authorized');
    });
    const { code, stderr } = await on.run('promote advisor PROD --to :2 --yes');
    expect([code, stderr]).toEqual([6, expect.stringContaining('a permission is missing')]);
    expect(on.aws.calls.at(-1)?.operation).toBe('DeleteChangeSet');
    expect(await on.pointer()).toBe(1);
  });

  it('says that the release may go on when the endpoint is gone in the middle', async () => {
    await on.prodAt(1);
    const letGo = on.hold();
    const cable = await openCable(Number(new URL(on.aws.endpoint).port));
    const { finished } = on.start('promote advisor PROD --to :2 --yes', { AWS_ENDPOINT_URL: cable.endpoint });
    await on.executed();
    await cable.cut();
    const { code, stderr } = await finished;
    letGo();
    expect([code, stderr]).toEqual([7, expect.stringContaining('the release may go on without us')]);
    expect(await on.world.settled()).toBe('UPDATE_COMPLETE');
  });

  it('on a busy stack exits with 3 and prints the line that stops the other update', async () => {
    await on.prodAt(1);
    const letGo = on.hold();
    const first = on.start('promote advisor PROD --to :2 --yes');
    await on.executed();
    const { code, stderr } = await on.run('promote advisor PROD --to :3 --yes');
    letGo();
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`aws cloudformation cancel-update-stack --stack-name ${STACK}`),
    ]);
    expect((await first.finished).code).toBe(0);
  });
});
