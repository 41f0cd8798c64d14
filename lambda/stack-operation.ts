import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';

/** What the handlers ask about the stack that called them. */
export interface StackOperation {
  /** `UPDATE_IN_PROGRESS`, `UPDATE_ROLLBACK_IN_PROGRESS`, … as of now. */
  status(stackId: string): Promise<string>;
  /** `ClientRequestToken` of the operation that runs, null where the caller gave none. */
  operation(stackId: string): Promise<string | null>;
}

/** True for every status of a stack that goes, went or failed to go back (`ROLLBACK_…`, `UPDATE_ROLLBACK_…`, `IMPORT_ROLLBACK_…`). */
export function isRollback(status: string): boolean {
  return status.includes('ROLLBACK');
}

/** The stack as CloudFormation describes it. */
export class CloudFormationStackOperation implements StackOperation {
  constructor(private readonly client: CloudFormationClient) {}

  async status(stackId: string): Promise<string> {
    const found = await this.client.send(new DescribeStacksCommand({ StackName: stackId }));
    return found.Stacks?.[0]?.StackStatus ?? '';
  }

  async operation(stackId: string): Promise<string | null> {
    const found = await this.client.send(new DescribeStackEventsCommand({ StackName: stackId }));
    return found.StackEvents?.[0]?.ClientRequestToken ?? null;
  }
}
