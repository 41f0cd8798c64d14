import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { Adversary } from '../../../packages/local-aws/cloudformation/adversary';
import { OperationMoments } from '../../../packages/local-aws/cloudformation/operation-moments';
import { type HandlerEvent, parameter, StackBench } from './stack-bench';

const draws = (adversary: Adversary) =>
  Array.from({ length: 40 }, () => [
    ...[adversary.attributesOnRollback(), adversary.rollbackOrder(), adversary.choose(['A', 'B', 'C'], 1)],
    ...adversary.deliveries(),
  ]);

describe('what AWS leaves open', () => {
  it('is kind without a seed: template order, stored attributes, each event once and at once', () => {
    const kind = ['stored', 'dependencies-first', 'A', 'now'];
    expect(draws(new Adversary())).toEqual(Array.from({ length: 40 }, () => kind));
  });

  it('is drawn from the seed, the same for the same seed', () => {
    expect(draws(new Adversary({ seed: 7 }))).toEqual(draws(new Adversary({ seed: 7 })));
    expect(draws(new Adversary({ seed: 7 }))).not.toEqual(draws(new Adversary({ seed: 8 })));
    const drawn = new Set(draws(new Adversary({ seed: 7 })).flat());
    for (const choice of [
      'stored',
      'fresh',
      'dependents-first',
      'A',
      'B',
      'C',
      undefined,
      'when-idle',
      'after-the-operation',
    ]) {
      expect(drawn).toContain(choice);
    }
  });

  it('begins anew with another seed', () => {
    const adversary = new Adversary({ seed: 7 });
    draws(adversary);
    adversary.reseed(8);
    expect(draws(adversary)).toEqual(draws(new Adversary({ seed: 8 })));
  });

  it('can be fixed under a seed', () => {
    const fixed = new Adversary({ seed: 7, duplicateEvents: false, lateEvents: false, attributesOnRollback: 'fresh' });
    expect(Array.from({ length: 40 }, () => fixed.deliveries()).flat()).toEqual(Array(40).fill('now'));
    expect(Array.from({ length: 40 }, () => fixed.attributesOnRollback())).toEqual(Array(40).fill('fresh'));
  });
});

describe('an event that is held back', () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('goes out when nothing else runs', async () => {
    const moments = new OperationMoments();
    const sent: string[] = [];
    let finishOther: () => void = () => {};
    void moments.during(() => new Promise<void>((resolve) => (finishOther = resolve)));
    void moments.during(() => moments.of('when-idle').then(() => sent.push('held')));
    await settle();
    expect(sent).toEqual([]);
    finishOther();
    await settle();
    expect(sent).toEqual(['held']);
  });

  it('goes out when the operation is over, and not before, where it is to be late', async () => {
    const moments = new OperationMoments();
    const sent: string[] = [];
    void moments.of('after-the-operation').then(() => sent.push('late'));
    await moments.during(async () => {});
    await settle();
    expect(sent).toEqual([]);
    moments.over();
    await settle();
    expect(sent).toEqual(['late']);
  });

  it('goes out after the operation when that has turned back', async () => {
    const moments = new OperationMoments();
    const sent: string[] = [];
    void moments.during(() => new Promise(() => {}));
    void moments.during(() => moments.of('when-idle').then(() => sent.push('held')));
    moments.turnBack();
    await settle();
    expect(sent).toEqual([]);
    moments.over();
    await settle();
    expect(sent).toEqual(['held']);
  });
});

it('a failed update ends where it began, whatever the seed; events come twice and late', async () => {
  const told: HandlerEvent[] = [];
  for (let seed = 1; seed <= 8; seed += 1) {
    const failAt = (logicalId: string, step: string) => logicalId === 'Failing' && step === 'Create';
    const bench = await StackBench.start({ seed, failAt });
    const template = (value: string) => ({
      Plan: bench.custom({ Value: value }),
      Other: bench.custom({ Value: value }),
      Record: bench.custom({ Value: { 'Fn::GetAtt': ['Plan', 'Value'] } }),
      Pointer: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: '/pointer', Type: 'String', Value: { 'Fn::GetAtt': ['Record', 'Value'] } },
      },
    });
    await bench.deploy(template('one'));
    const stack = await bench.deploy({ ...template('two'), Failing: parameter('x', { DependsOn: 'Plan' }) });

    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    const { Parameter } = await bench.ssm.send(new GetParameterCommand({ Name: '/pointer' }));
    expect(Parameter?.Value).toBe('one');
    told.push(...bench.handed());
    await bench.aws.stop();
  }
  expect(new Set(told.map(({ RequestId }) => RequestId)).size).toBeLessThan(told.length);
});
