import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { isAwsError } from './error-code';

/** What the handlers ask about the stack that called them. */
export interface StackOperation {
  /** `UPDATE_IN_PROGRESS`, `UPDATE_ROLLBACK_IN_PROGRESS`, … as of now; empty where there is no such stack. */
  status(stackId: string): Promise<string>;
  /** `ClientRequestToken` of the operation that runs, null where the caller gave none. */
  operation(stackId: string): Promise<string | null>;
  /** `time:` and when that operation began, which tells operations without a token apart. */
  operationTime(stackId: string): Promise<string>;
  /**
   * What the operation that runs wants of a resource. Undefined where it has not begun with it or is done with it: an
   * event about the resource is then another operation's, or none's.
   */
  wanted(stackId: string, logicalId: string): Promise<WantedResource | undefined>;
  /**
   * How many milliseconds ago, at least, the last policy was changed that CloudFormation brings before this resource;
   * `enough` where it is that long or longer. 0 where the stack's events do not tell.
   */
  sincePolicies(stackId: string, logicalId: string, enough: number): Promise<number>;
}

/** A resource as the stack's newest event about it shows it. */
export interface WantedResource {
  /** `CREATE_IN_PROGRESS`, `UPDATE_IN_PROGRESS` or `DELETE_IN_PROGRESS`. */
  readonly status: string;
  /** `ClientRequestToken` of the operation. */
  readonly operation: string | null;
  /** Undefined where the event does not show them. */
  readonly properties: Readonly<Record<string, unknown>> | undefined;
}

/** True for every status of a stack that goes, went or failed to go back (`ROLLBACK_…`, `UPDATE_ROLLBACK_…`, `IMPORT_ROLLBACK_…`). */
export function isRollback(status: string): boolean {
  return status.includes('ROLLBACK');
}

/**
 * True while a stack goes back, or stands where only going back or deleting it leads on. Not for one that came to rest after
 * an update was rolled back: its next operation goes forward, and a read may still show the status of before.
 */
export function isRollingBack(status: string): boolean {
  return isRollback(status) && !/^(UPDATE|IMPORT)_ROLLBACK_COMPLETE$/.test(status);
}

/** The stack as CloudFormation describes it. */
export class CloudFormationStackOperation implements StackOperation {
  constructor(private readonly client: CloudFormationClient) {}

  async status(stackId: string): Promise<string> {
    return (await this.describe(stackId))?.StackStatus ?? '';
  }

  async operation(stackId: string): Promise<string | null> {
    for await (const newest of this.events(stackId)) return newest.ClientRequestToken ?? null;
    return null;
  }

  async operationTime(stackId: string): Promise<string> {
    const stack = await this.describe(stackId);
    return `time:${(stack?.LastUpdatedTime ?? stack?.CreationTime)?.toISOString() ?? ''}`;
  }

  async wanted(stackId: string, logicalId: string): Promise<WantedResource | undefined> {
    for await (const event of this.events(stackId)) {
      // The stack's own event is where its operation began, turned back or ended.
      if (event.PhysicalResourceId === event.StackId) return undefined;
      if (event.LogicalResourceId !== logicalId) continue;
      if (!event.ResourceStatus?.endsWith('_IN_PROGRESS')) return undefined;
      const { ResourceStatus: status, ClientRequestToken: operation = null } = event;
      return { status, operation, properties: propertiesOf(event) };
    }
    return undefined;
  }

  async sincePolicies(stackId: string, logicalId: string, enough: number): Promise<number> {
    let newest: number | undefined;
    let isBefore = false;
    for await (const { Timestamp, LogicalResourceId, ResourceStatus, ResourceType } of this.events(stackId)) {
      const time = Timestamp?.getTime();
      if (time === undefined) continue;
      newest ??= time;
      if (isBefore && newest - time >= enough) return enough;
      if (isBefore && ResourceType === 'AWS::IAM::ManagedPolicy') return newest - time;
      // What is older than the resource's own beginning came before it.
      isBefore ||= LogicalResourceId === logicalId && ResourceStatus?.endsWith('_IN_PROGRESS') === true;
    }
    return 0;
  }

  /** Newest first; a page is asked for when it is needed. */
  private async *events(StackName: string): AsyncGenerator<StackEvent> {
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new DescribeStackEventsCommand({ StackName, NextToken }));
      yield* page.StackEvents ?? [];
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }

  private async describe(StackName: string) {
    let NextToken: string | undefined;
    try {
      do {
        const page = await this.client.send(new DescribeStacksCommand({ StackName, NextToken }));
        if (page.Stacks?.[0]) return page.Stacks[0];
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
    } catch (error) {
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
      if (!isAwsError(error, 'ValidationError') || !/ does not exist/.test(String(error))) throw error;
    }
    return undefined;
  }
}

function propertiesOf({ ResourceProperties }: StackEvent): WantedResource['properties'] {
  try {
    const found = JSON.parse(ResourceProperties ?? '');
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    return undefined;
  }
}
