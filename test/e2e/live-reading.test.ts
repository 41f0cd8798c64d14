import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { attributesOnTheWayBack } from '../live/attributes-on-the-way-back';
import { Answers } from '../live/check';
import { CHECKS } from '../live/checks';
import { LiveNames } from '../live/live-names';
import { lastProperties, OperationEvents } from '../live/operation-events';
import { placeLines } from '../live/report';
import { inventoryOf } from '../live/stack-inventory';

const before = {
  ...{ Version: '1', VersionArn: 'arn:1', ContentDigest: 'pd1:a', ModelId: 'm', WithdrawnVersions: 'none' },
  ...{ Revision: '1', PlannedAt: '100', Direction: 'forward' },
};
const forward = {
  ...before,
  Version: '2',
  VersionArn: 'arn:2',
  ContentDigest: 'pd1:b',
  Revision: '2',
  PlannedAt: '200',
};
const fresh = { ...before, Revision: '3', PlannedAt: '300', Direction: 'back' };

describe('Attributes on the way back', () => {
  it.each([
    ['stored, where they are those of before', [before], 'stored'],
    ['stored, where the first event still shows the way forward', [forward, before], 'stored'],
    ['fresh, where the plan answered anew', [forward, fresh], 'fresh'],
    [
      'a mixture, where the version is old and the plan that of the release',
      [{ ...before, PlannedAt: '200' }],
      'mixed',
    ],
    ['a mixture, where they are fresh but name another version', [{ ...fresh, Version: '2' }], 'mixed'],
    ['a mixture, where a fresh plan says forward', [{ ...fresh, Direction: 'forward' }], 'mixed'],
    ['a mixture, where two events do not agree', [before, fresh], 'mixed'],
    ['not told, where all events show the way forward', [forward, forward], undefined],
    ['not told, where no event shows any', [], undefined],
  ])('are %s', (_, back, kind) => {
    expect(attributesOnTheWayBack(before, forward, back)?.kind).toBe(kind);
  });
});

describe('Events of an operation', () => {
  const stack = { StackId: 'arn:stack', PhysicalResourceId: 'arn:stack', LogicalResourceId: 'Prompts' };
  const event = (LogicalResourceId: string, ResourceStatus: string, rest: Partial<StackEvent> = {}): StackEvent =>
    ({
      StackId: 'arn:stack',
      LogicalResourceId,
      ResourceStatus,
      PhysicalResourceId: LogicalResourceId,
      ...rest,
    }) as StackEvent;
  const events = new OperationEvents([
    { ...stack, ResourceStatus: 'UPDATE_IN_PROGRESS' } as StackEvent,
    event('Alias', 'UPDATE_IN_PROGRESS', { ResourceProperties: '{"PlannedAt":"200"}' }),
    event('Fails', 'CREATE_FAILED', { ResourceStatusReason: 'on purpose' }),
    event('Alias', 'UPDATE_FAILED', { ResourceStatusReason: 'Resource update cancelled' }),
    { ...stack, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' } as StackEvent,
    event('Alias', 'UPDATE_COMPLETE', { ResourceProperties: 'cut off {' }),
    event('Fails', 'DELETE_COMPLETE'),
  ]);

  it('fall into a way forward and a way back', () => {
    expect(events.forward('Alias').map(({ ResourceStatus }) => ResourceStatus)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_FAILED',
    ]);
    expect(events.back('Alias').map(({ ResourceStatus }) => ResourceStatus)).toEqual(['UPDATE_COMPLETE']);
  });

  it('show properties where they can be read', () => {
    expect(lastProperties(events.forward('Alias'))).toEqual({ PlannedAt: '200' });
    expect(lastProperties(events.back('Alias'))).toBeUndefined();
  });

  it('name what failed by itself, not what was cancelled for it', () => {
    expect(events.failures()).toEqual(['Fails: on purpose']);
  });

  it('tell what the stack made, and what of it CloudFormation deleted', () => {
    const made = inventoryOf(events.all).map(({ logicalId, isDeleted }) => [logicalId, isDeleted]);
    expect(made).toEqual([
      ['Alias', false],
      ['Fails', true],
    ]);
  });
});

describe('The checks', () => {
  it('keep what was answered before they failed', () => {
    const check = CHECKS.find(({ number }) => number === 1);
    const answers = new Answers(check?.questions ?? []);
    answers.give('order', 'holds', 'as assumed');
    const all = answers.all(Object.assign(new Error('Rate exceeded'), { name: 'Throttling' }));
    expect(all.map(({ id, verdict, seen }) => [id, verdict, ...seen])).toEqual([
      ['attributes', 'could not tell', 'Throttling: Rate exceeded'],
      ['order', 'holds', 'as assumed'],
      ['token', 'could not tell', 'Throttling: Rate exceeded'],
      ['in-progress', 'could not tell', 'Throttling: Rate exceeded'],
      ['unmoved', 'could not tell', 'Throttling: Rate exceeded'],
    ]);
  });

  it('take names of their own in each run', () => {
    const ids = Array.from({ length: 50 }, () => LiveNames.random().id);
    expect(new Set(ids).size).toBe(50);
    expect(ids.filter((id) => !LiveNames.PATTERN.test(id))).toEqual([]);
  });

  it.each([
    [['https://sts.us-east-1.amazonaws.com', 'https://bedrock-agent.us-east-1.amazonaws.com'], true],
    [['https://sts.cn-north-1.amazonaws.com.cn'], true],
    [['https://sts.us-east-1.amazonaws.com', 'http://127.0.0.1:4566'], false],
    [['https://amazonaws.com.example.org'], false],
  ])('know whether %j is AWS', async (hosts, isAws) => {
    const { LiveAccount } = await import('../live/live-account');
    const account = Object.assign(Object.create(LiveAccount.prototype), {
      hosts: new Set(hosts),
      account: '1',
      region: 'r',
    });
    expect(account.isAws).toBe(isAws);
    expect(placeLines(account)[0]?.includes('NOT AWS')).toBe(!isAws);
  });
});
