import { randomUUID } from 'node:crypto';
import {
  type Change,
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  type Tag,
} from '@aws-sdk/client-cloudformation';
import { isUnclear } from '../../core/text/shown-text';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';
import type { Interruption } from '../interruption';
import type { RegistryStack } from '../registry-stack';
import { isWatched, type ReleaseWatch, watchedBy } from './release-watch';

const POLL_MS = 500;

/** A change set as CloudFormation describes it, all pages of its changes. */
export interface ChangeSet extends Omit<DescribeChangeSetCommandOutput, '$metadata' | 'NextToken'> {
  /** Made just now by this process, from the previous template and previous values. */
  readonly isOwn: boolean;
}

export interface NewChangeSet {
  readonly stack: RegistryStack;
  /** New values; all other parameters keep theirs. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Begins the name: `promote-PROD`. */
  readonly name: string;
  readonly description: string;
  /** Alarms that take it back; without it none does, also where the stack's operations were watched before. */
  readonly watch?: ReleaseWatch | undefined;
}

/**
 * Makes a change set that changes parameters and nothing else, and waits until CloudFormation has worked it out. None is left
 * behind where that fails or is interrupted.
 *
 * @throws CliError where CloudFormation refuses it
 */
export async function createChangeSet(
  client: CloudFormationClient,
  wish: NewChangeSet,
  interruption: Interruption,
): Promise<ChangeSet> {
  const { stack, parameters } = wish;
  const making = client.send(
    new CreateChangeSetCommand({
      StackName: stack.stackId,
      ChangeSetName: `${wish.name.replace(/[^A-Za-z0-9-]/g, '-')}-${randomUUID().slice(0, 8)}`,
      ChangeSetType: 'UPDATE',
      Description: wish.description.slice(0, 1024),
      UsePreviousTemplate: true,
      Parameters: stack.parameters.map(({ ParameterKey = '' }) => {
        const value = Object.hasOwn(parameters, ParameterKey) ? parameters[ParameterKey] : undefined;
        return value === undefined ? { ParameterKey, UsePreviousValue: true } : { ParameterKey, ParameterValue: value };
      }),
      Capabilities: [...stack.capabilities],
      // Left out they would stay as well; said, the description shows them.
      Tags: repeatableTags(stack),
      NotificationARNs: [...stack.notificationArns],
      ...((wish.watch || isWatched(stack.rollback)) && { RollbackConfiguration: watchedBy(wish.watch) }),
    }),
  );
  // A request that is under way may have made one already. One that failed is for the work below to report.
  const discard = () =>
    making.then(
      ({ Id }) => deleteChangeSet(client, { ChangeSetId: Id }),
      () => undefined,
    );
  const leave = async () => {
    await discard();
    return ['interrupted; nothing was moved'];
  };
  return interruption.during(leave, async () => {
    try {
      const { Id = '' } = await making;
      const changeSet = await workedOut(client, Id);
      if (changeSet.Status === 'CREATE_COMPLETE') return changeSet;
      throw new CliError({
        what: 'CloudFormation refuses the change set',
        why: changeSet.StatusReason,
        fix: 'see whether the aliases agree with their parameters: prompt-registry status',
      });
    } catch (error) {
      await discard();
      throw error;
    }
  });
}

async function workedOut(client: CloudFormationClient, id: string): Promise<ChangeSet> {
  for (;;) {
    const changeSet = await describeChangeSet(client, id);
    if (!/_(PENDING|IN_PROGRESS)$/.test(changeSet.Status ?? '')) return { ...changeSet, isOwn: true };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Undefined, which leaves the stack's tags alone, where CloudFormation does not show them as they are: see `isShownAs`. */
function repeatableTags({ tags }: RegistryStack): Tag[] | undefined {
  return tags.some(({ Key = '', Value = '' }) => isUnclear(Key) || isUnclear(Value)) ? undefined : [...tags];
}

/** @throws CliError with exit code 5 where it is gone: CloudFormation deletes a stack's change sets once one is executed */
export async function describeChangeSet(client: CloudFormationClient, ChangeSetName: string): Promise<ChangeSet> {
  const changes: Change[] = [];
  let NextToken: string | undefined;
  for (;;) {
    const page = await client.send(new DescribeChangeSetCommand({ ChangeSetName, NextToken })).catch((error) => {
      throw /ChangeSet.*(NotFound|does not exist)|not exist/i.test(`${error.name} ${error.message}`)
        ? stalePlan(ChangeSetName)
        : error;
    });
    changes.push(...(page.Changes ?? []));
    NextToken = page.NextToken;
    if (NextToken === undefined) {
      const { $metadata: _, NextToken: __, ...changeSet } = page;
      return { ...changeSet, Changes: changes, isOwn: false };
    }
  }
}

/** Takes a change set away that nobody will execute. */
export async function deleteChangeSet(
  client: CloudFormationClient,
  { ChangeSetId }: Pick<ChangeSet, 'ChangeSetId'>,
): Promise<void> {
  await client.send(new DeleteChangeSetCommand({ ChangeSetName: ChangeSetId }));
}

/** The plan that was made is not that of the stack any more. */
export function stalePlan(id: string): CliError {
  return new CliError(
    {
      what: 'the plan is stale: nothing was moved',
      why: `the stack was changed since ${id.split('/')[1] ?? id} was made, so CloudFormation will not execute it`,
      fix: 'look again: prompt-registry plan, then promote with the new plan id',
    },
    ExitCode.StalePlan,
  );
}
