import { isDeepStrictEqual } from 'node:util';
import type { RollbackConfiguration, Stack } from '@aws-sdk/client-cloudformation';
import { isUnclear } from '../../core/text/shown-text';
import type { ChangeSet } from './change-set';
import { isWatched, type ReleaseWatch, watchedBy } from './release-watch';

type Rule = (changeSet: ChangeSet, stack: Stack, watch: ReleaseWatch | undefined) => string | undefined;

const forbidden =
  (member: keyof ChangeSet): Rule =>
  (changeSet) =>
    changeSet[member] === undefined || changeSet[member] === false ? undefined : `${member} ${changeSet[member]}`;

/**
 * Every member of a change set's description that says what its execution does besides its list of changes, and what it has
 * to be. A member that a later SDK adds does not compile until it is judged here.
 *
 * The description does not show the role that a change set works with; `release` compares the stack's role afterwards.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 */
const RULES: { readonly [member in keyof Required<ChangeSet>]: Rule | 'says nothing' | 'judged elsewhere' } = {
  StackId: ({ StackId }, stack) => (StackId === stack.StackId ? undefined : `it is of stack ${StackId}`),
  NotificationARNs: ({ NotificationARNs }, stack) =>
    isSame(NotificationARNs, stack.NotificationARNs) ? undefined : 'other notification topics than the stack has',
  Tags: ({ Tags = [], isOwn }, stack) => {
    const before = tagTexts(stack.Tags);
    // The command leaves tags out that it cannot repeat: see `repeatableTags`.
    if (isSame(tagTexts(Tags), before) || (isOwn && Tags.length === 0 && before.some(isUnclear))) return undefined;
    return 'other tags than the stack has';
  },
  // What a change set does not name CloudFormation keeps of the operation before: our own names it.
  RollbackConfiguration: ({ RollbackConfiguration: planned, isOwn }, stack, watch) => {
    if (planned === undefined && isWatched(stack.RollbackConfiguration) && !isOwn) {
      return 'the rollback triggers that watched the operation before';
    }
    const isWanted = isDeepStrictEqual(watched(planned), watched(watchedBy(watch)));
    return isWanted ? undefined : 'another rollback configuration than this release has';
  },
  // Those that are missing were not needed: CloudFormation refuses to make such a change set where they are.
  Capabilities: ({ Capabilities = [] }, stack) => {
    const more = Capabilities.filter((capability) => !(stack.Capabilities ?? []).includes(capability));
    return more.length === 0 ? undefined : `more capabilities than the stack has: ${more.join(', ')}`;
  },
  OnStackFailure: forbidden('OnStackFailure'),
  ImportExistingResources: forbidden('ImportExistingResources'),
  IncludeNestedStacks: forbidden('IncludeNestedStacks'),
  ParentChangeSetId: forbidden('ParentChangeSetId'),
  RootChangeSetId: forbidden('RootChangeSetId'),
  DeploymentMode: forbidden('DeploymentMode'),
  DeploymentConfig: ({ DeploymentConfig: { Mode = 'STANDARD', DisableRollback = false } = {} }) =>
    Mode === 'STANDARD' && !DisableRollback ? undefined : 'a deployment in express mode or without rollback',
  Changes: 'judged elsewhere',
  Parameters: 'judged elsewhere',
  isOwn: 'says nothing',
  ChangeSetName: 'says nothing',
  ChangeSetId: 'says nothing',
  StackName: 'says nothing',
  Description: 'says nothing',
  CreationTime: 'says nothing',
  ExecutionStatus: 'says nothing',
  Status: 'says nothing',
  StatusReason: 'says nothing',
  StackDriftStatus: 'says nothing',
};

/** What a change set would do to the stack besides its list of changes, parameters and template. */
export function otherTerms(changeSet: ChangeSet, stack: Stack, watch?: ReleaseWatch): string[] {
  const rules = Object.values(RULES).filter((rule) => typeof rule !== 'string');
  return rules.flatMap((rule) => rule(changeSet, stack, watch) ?? []);
}

/** In any order. */
function isSame(one: readonly string[] = [], other: readonly string[] = []): boolean {
  return isDeepStrictEqual([...one].sort(), [...other].sort());
}

function tagTexts(tags: ChangeSet['Tags'] = []): string[] {
  // Both may have any sign that would stand between them.
  return tags.map(({ Key, Value }) => JSON.stringify([Key, Value]));
}

function watched({ RollbackTriggers = [], MonitoringTimeInMinutes = 0 }: RollbackConfiguration = {}) {
  const triggers = RollbackTriggers.map(({ Type, Arn }) => `${Type} ${Arn}`).sort();
  return { triggers, MonitoringTimeInMinutes };
}
