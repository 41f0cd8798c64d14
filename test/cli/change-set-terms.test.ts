import type { Stack } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import type { ChangeSet } from '../../cli/release/change-set';
import { otherTerms } from '../../cli/release/change-set-terms';
import { otherParameters } from '../../cli/release/planned-parameters';

const trigger = { Arn: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:x', Type: 'AWS::CloudWatch::Alarm' };
const stack: Stack = {
  ...{ StackId: 'stack', StackName: 'x', StackStatus: 'UPDATE_COMPLETE', CreationTime: new Date(0) },
  Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
  Tags: [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ],
  NotificationARNs: ['one', 'two'],
  RollbackConfiguration: { RollbackTriggers: [trigger], MonitoringTimeInMinutes: 5 },
};
const { StackId, NotificationARNs } = stack;
const RollbackConfiguration = { RollbackTriggers: [], MonitoringTimeInMinutes: 0 };
const same: ChangeSet = {
  ...{ isOwn: false, StackId, NotificationARNs, RollbackConfiguration },
  Capabilities: ['CAPABILITY_NAMED_IAM'],
  Tags: [...(stack.Tags ?? [])].reverse(),
};

describe('The terms of a change set', () => {
  const alarm = { name: 'x', arn: trigger.Arn, type: 'AWS::CloudWatch::Alarm' as const };
  const watch = { minutes: 5, alarms: [alarm] };
  const watched = { ...same, RollbackConfiguration: { RollbackTriggers: [trigger], MonitoringTimeInMinutes: 5 } };

  it('have the alarms of this release and no others', () => {
    expect(otherTerms(watched, stack, watch)).toEqual([]);
    expect(otherTerms(same, stack, watch)).toHaveLength(1);
    expect(otherTerms(watched, stack, { ...watch, minutes: 6 })).toHaveLength(1);
    expect(otherTerms(watched, stack, { ...watch, alarms: [{ ...alarm, arn: 'other' }] })).toHaveLength(1);
    expect(otherTerms(watched, stack, { ...watch, alarms: [alarm, { ...alarm, arn: 'other' }] })).toHaveLength(1);
    const composite = { ...alarm, type: 'AWS::CloudWatch::CompositeAlarm' as const };
    expect(otherTerms(watched, stack, { ...watch, alarms: [composite] })).toHaveLength(1);
  });

  it('may leave an empty list unsaid where nothing watched before, or where it is our own', () => {
    const unsaid = { ...same, RollbackConfiguration: undefined };
    expect(otherTerms(unsaid, { ...stack, RollbackConfiguration: {} })).toEqual([]);
    expect(otherTerms({ ...unsaid, isOwn: true }, stack)).toEqual([]);
    expect(otherTerms({ ...same, RollbackConfiguration: {} }, stack)).toEqual([]);
  });

  it('may be the same in another order', () => {
    expect(otherTerms(same, stack)).toEqual([]);
    expect(otherTerms({ ...same, IncludeNestedStacks: false, DeploymentConfig: { Mode: 'STANDARD' } }, stack)).toEqual(
      [],
    );
  });

  it.each<Partial<ChangeSet>>([
    { StackId: 'other' },
    { Tags: [] },
    {
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '3' },
      ],
    },
    { Tags: [...(stack.Tags ?? []), { Key: 'c', Value: '3' }] },
    { NotificationARNs: ['one'] },
    { NotificationARNs: undefined },
    { Capabilities: ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'] },
    { RollbackConfiguration: undefined },
    { RollbackConfiguration: { RollbackTriggers: [trigger], MonitoringTimeInMinutes: 5 } },
    { RollbackConfiguration: { RollbackTriggers: [], MonitoringTimeInMinutes: 180 } },
    { RollbackConfiguration: { RollbackTriggers: [{ ...trigger, Arn: 'other' }], MonitoringTimeInMinutes: 5 } },
    { OnStackFailure: 'DELETE' },
    { ImportExistingResources: true },
    { IncludeNestedStacks: true },
    { ParentChangeSetId: 'x' },
    { RootChangeSetId: 'x' },
    { DeploymentMode: 'REVERT_DRIFT' },
    { DeploymentConfig: { Mode: 'EXPRESS' } },
    { DeploymentConfig: { Mode: 'STANDARD', DisableRollback: true } },
  ])('%j is another one', (more) => {
    expect(otherTerms({ ...same, ...more }, stack)).toHaveLength(1);
  });

  it('of the command itself may leave out tags that CloudFormation does not show as they are', () => {
    const tagged = { ...stack, Tags: [{ Key: 'Kostentr?ger', Value: 'K?ln' }] };
    expect(otherTerms({ ...same, isOwn: true, Tags: [] }, tagged)).toEqual([]);
    expect(otherTerms({ ...same, Tags: [] }, tagged)).toEqual(['other tags than the stack has']);
    expect(otherTerms({ ...same, isOwn: true, Tags: [] }, stack)).toEqual(['other tags than the stack has']);
  });

  it('are other ones where key and value of a tag are divided elsewhere', () => {
    const tagged = { ...stack, Tags: [{ Key: 'a=b', Value: 'c' }] };
    expect(otherTerms({ ...same, Tags: [{ Key: 'a', Value: 'b=c' }] }, tagged)).toEqual([
      'other tags than the stack has',
    ]);
  });
});

describe('The parameters of a change set', () => {
  it('may have names that every object has', () => {
    const Parameters = ['constructor', 'toString'].map((ParameterKey) => ({ ParameterKey, ParameterValue: 'x' }));
    const [before] = Parameters;
    const planned = { ...same, Parameters: [...Parameters.slice(1), { ...before, ParameterValue: 'y' }] };
    expect(otherParameters({ ...same, Parameters }, { ...stack, Parameters }, {}, {})).toEqual([]);
    expect(otherParameters(planned, { ...stack, Parameters }, {}, {})).toEqual(['parameter constructor: x to y']);
  });
});
