import {
  CancelUpdateStackCommand,
  ContinueUpdateRollbackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdversaryOptions } from '../../../packages/local-aws/cloudformation/adversary';
import { parameter, StackBench } from './stack-bench';

let bench: StackBench;

async function startBench(adversary?: AdversaryOptions) {
  bench = await StackBench.start(adversary);
}

afterEach(() => bench.aws.stop());

const creationOf = (wanted: string) => (logicalId: string, step: string) => logicalId === wanted && step === 'Create';

/** The pattern of a release: what is planned is written, and a parameter points to it. */
const release = (value: string) => ({
  Plan: bench.custom({ Value: value }),
  Record: bench.custom({ Value: { 'Fn::GetAtt': ['Plan', 'Value'] }, PlannedBy: { 'Fn::GetAtt': ['Plan', 'Call'] } }),
  Pointer: {
    ...parameter({ 'Fn::GetAtt': ['Record', 'Value'] }),
    Properties: { Name: '/pointer', Type: 'String', Value: { 'Fn::GetAtt': ['Record', 'Value'] } },
  },
});

const pointer = async () => (await bench.ssm.send(new GetParameterCommand({ Name: '/pointer' }))).Parameter?.Value;

describe('an update that fails', () => {
  it('puts back what was changed, with old and new exchanged, and only then deletes what was made', async () => {
    await startBench({ failAt: creationOf('Failing') });
    await bench.deploy(release('one'));
    bench.handed();

    const failing = parameter('x', { DependsOn: 'Pointer' });
    const stack = await bench.deploy({ ...release('two'), Made: parameter('made'), Failing: failing });

    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await pointer()).toBe('one');
    expect((await bench.story()).slice(-14)).toEqual([
      'Failing CREATE_FAILED',
      'Bench UPDATE_ROLLBACK_IN_PROGRESS',
      'Plan UPDATE_IN_PROGRESS',
      'Plan UPDATE_COMPLETE',
      'Record UPDATE_IN_PROGRESS',
      'Record UPDATE_COMPLETE',
      'Pointer UPDATE_IN_PROGRESS',
      'Pointer UPDATE_COMPLETE',
      'Bench UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Failing DELETE_IN_PROGRESS',
      'Made DELETE_IN_PROGRESS',
      'Failing DELETE_COMPLETE',
      'Made DELETE_COMPLETE',
      'Bench UPDATE_ROLLBACK_COMPLETE',
    ]);
    const [, record, , back] = bench.handed();
    expect([back?.RequestType, back?.LogicalResourceId]).toEqual(['Update', 'Record']);
    expect(back?.ResourceProperties).toEqual(record?.OldResourceProperties);
    expect(back?.OldResourceProperties).toEqual(record?.ResourceProperties);
  });

  it('says which resources failed, with the caller’s token on every event', async () => {
    await startBench({ failAt: creationOf('Failing') });
    await bench.deploy({ A: parameter('a') });
    const TemplateBody = JSON.stringify({ Resources: { A: parameter('a'), Failing: parameter('b') } });
    const input = { StackName: 'Bench', TemplateBody, ClientRequestToken: 'my-operation' };
    await bench.cloudFormation.send(new UpdateStackCommand(input));
    await bench.settled();

    const events = await bench.events();

    expect(new Set(events.map(({ ClientRequestToken }) => ClientRequestToken))).toEqual(new Set(['my-operation']));
    const turn = events.find(({ ResourceStatus }) => (ResourceStatus as string) === 'UPDATE_ROLLBACK_IN_PROGRESS');
    expect(turn?.ResourceStatusReason).toBe('The following resource(s) failed to create: [Failing]. ');
  });

  it('leaves alone what it had not begun to change', async () => {
    await startBench({ failAt: creationOf('Plan') });
    await bench.deploy({ Other: parameter('kept') }).then(() => bench.handed());
    await bench.deploy({
      Other: parameter('kept'),
      Plan: bench.custom(),
      After: parameter('x', { DependsOn: 'Plan' }),
    });

    const story = await bench.story();

    expect(story.filter((line) => line.startsWith('Other') || line.startsWith('After'))).toEqual([]);
    expect(bench.handed().map(({ RequestType }) => RequestType)).toEqual(['Delete']);
  });

  it.each(['stored', 'fresh'] as const)(
    'hands dependents %s attributes on the way back',
    async (attributesOnRollback) => {
      await startBench({ attributesOnRollback, failAt: creationOf('Failing') });
      await bench.deploy(release('one'));
      await bench.deploy({ ...release('two'), Failing: parameter('x', { DependsOn: 'Pointer' }) });

      const plans = bench.handed();
      const back = plans.at(-1);

      const plannedBy = { stored: plans[0]?.RequestId, fresh: plans.at(-2)?.RequestId };
      expect(back?.ResourceProperties).toMatchObject({ Value: 'one', PlannedBy: plannedBy[attributesOnRollback] });
      expect(await pointer()).toBe('one');
    },
  );

  it('gives up on a custom resource in flight, whose handler runs on and whose late answer changes nothing', async () => {
    await startBench({
      failAt: async (logicalId, step) => {
        const isUnderWay = () => bench.aws.calls.some(({ operation }) => operation === 'Invoke');
        while (logicalId === 'Failing' && step === 'Create' && !isUnderWay()) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return logicalId === 'Failing' && step === 'Create';
      },
    });
    const stack = await bench.deploy({ Slow: bench.custom({ SilentOn: 'Create' }), Failing: parameter('x') });

    const [created, deleted] = bench.handed();
    const answer = await fetch(created?.ResponseURL ?? '', { method: 'PUT', body: '{"Status":"SUCCESS"}' });

    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(created).toMatchObject({ RequestType: 'Create', LogicalResourceId: 'Slow' });
    expect(deleted).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: expect.stringMatching(/^Bench-Slow-[A-Z0-9]{12}$/),
    });
    expect(answer.status).toBe(200);
    const events = await bench.events();
    const cancelled = events.find(
      ({ ResourceStatus, LogicalResourceId }) => LogicalResourceId === 'Slow' && ResourceStatus === 'CREATE_FAILED',
    );
    expect(cancelled?.ResourceStatusReason).toBe('Resource creation cancelled');
  });

  it('can be asked for by CancelUpdateStack', async () => {
    await startBench();
    await bench.deploy({ Slow: bench.custom({ Value: '1' }) });
    const Resources = { Slow: bench.custom({ Value: '2', SilentOn: 'Update', ServiceTimeout: 60 }) };
    const TemplateBody = JSON.stringify({ Resources });
    await bench.cloudFormation.send(new UpdateStackCommand({ StackName: 'Bench', TemplateBody }));

    await bench.cloudFormation.send(new CancelUpdateStackCommand({ StackName: 'Bench' }));

    expect((await bench.settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});

describe('a rollback that fails', () => {
  const failing: AdversaryOptions['failAt'] = (logicalId, step) =>
    (logicalId === 'Failing' && step === 'Create') || (logicalId === 'Record' && step === 'Rollback' && isBroken);
  let isBroken = true;

  async function breakRollback() {
    isBroken = true;
    await startBench({ failAt: failing });
    await bench.deploy(release('one'));
    return bench.deploy({ ...release('two'), Failing: parameter('x', { DependsOn: 'Pointer' }) });
  }

  it('blocks the stack until it is continued', async () => {
    const stack = await breakRollback();
    expect(stack).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_FAILED',
      StackStatusReason: 'The following resource(s) failed to update: [Record]. ',
    });
    await expect(bench.deploy(release('three'))).rejects.toThrow(
      `Stack:${stack.StackId} is in UPDATE_ROLLBACK_FAILED state and can not be updated.`,
    );

    isBroken = false;
    await bench.cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: 'Bench' }));

    expect((await bench.settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await pointer()).toBe('one');
    expect((await bench.deploy(release('three'))).StackStatus).toBe('UPDATE_COMPLETE');
  });

  it('passes over the resources that it is told to skip', async () => {
    await breakRollback();

    const input = { StackName: 'Bench', ResourcesToSkip: ['Record'] };
    await bench.cloudFormation.send(new ContinueUpdateRollbackCommand(input));

    expect((await bench.settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await pointer()).toBe('one');
    const skipped = (await bench.events()).filter(({ ResourceStatusReason: reason }) => reason?.includes('skipped'));
    expect(skipped.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Record']);
  });
});

describe('a stack that cannot be created', () => {
  it('is taken away again, save what is to be retained in any case', async () => {
    await startBench({ failAt: creationOf('Failing') });
    const named = (Name: string, policy: string) => ({
      ...{ Type: 'AWS::SSM::Parameter', DeletionPolicy: policy },
      Properties: { Name, Type: 'String', Value: 'x' },
    });
    const failing = parameter('x', { DependsOn: ['Plain', 'Retained', 'RetainedLater'] });
    const stack = await bench.deploy({
      ...{ Plain: named('/plain', 'Delete'), Retained: named('/retained', 'Retain') },
      ...{ RetainedLater: named('/retained-later', 'RetainExceptOnCreate'), Failing: failing },
    });

    const there = (Name: string) => bench.ssm.send(new GetParameterCommand({ Name }));

    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    await expect(there('/retained')).resolves.toBeDefined();
    await expect(there('/plain')).rejects.toThrow(ParameterNotFound);
    await expect(there('/retained-later')).rejects.toThrow(ParameterNotFound);
    await expect(bench.deploy({ A: parameter('a') })).rejects.toThrow(
      'is in ROLLBACK_COMPLETE state and can not be updated.',
    );
  });
});
