import {
  type CloudFormationClient,
  paginateDescribeStackEvents,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';

/** A resource that a stack made, by what its events tell. */
export interface MadeResource {
  readonly stackId: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  /** CloudFormation said that it deleted it. */
  readonly isDeleted: boolean;
}

/** All events of a stack, oldest first; none where there is no such stack. The id finds a deleted one too. */
export async function allEvents(client: CloudFormationClient, StackName: string): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  try {
    for await (const page of paginateDescribeStackEvents({ client }, { StackName })) {
      events.push(...(page.StackEvents ?? []));
    }
  } catch (error) {
    if (!isNoStack(error)) throw error;
  }
  return events.reverse();
}

export function isNoStack(error: unknown): boolean {
  return /does not exist/.test((error as Error).message);
}

/** What a stack ever made, from its events: they outlive the stack by 90 days. */
export function inventoryOf(events: readonly StackEvent[]): MadeResource[] {
  const found = new Map<string, MadeResource>();
  for (const event of events) {
    const { StackId = '', LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '', ResourceStatus } = event;
    if (!PhysicalResourceId || PhysicalResourceId === StackId) continue;
    found.set(`${ResourceType} ${PhysicalResourceId}`, {
      stackId: StackId,
      logicalId: LogicalResourceId,
      physicalId: PhysicalResourceId,
      type: ResourceType,
      isDeleted: ResourceStatus === 'DELETE_COMPLETE',
    });
  }
  return [...found.values()];
}
