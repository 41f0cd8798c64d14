import { randomUUID } from 'node:crypto';
import type { Output, RollbackConfiguration, StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';
import type { ChangeSet } from './change-set';
import type { RunningOperation } from './running-operation';
import type { Properties, StackResource, StackTarget } from './stack-target';
import { withTextLeaves } from './text-leaves';

/** A stack, its history and its change sets. */
export class Stack {
  target?: StackTarget;
  resources = new Map<string, StackResource>();
  outputs: Output[] = [];
  /** Names of the exports that this stack uses. */
  imports = new Set<string>();
  status: StackStatus = 'REVIEW_IN_PROGRESS';
  statusReason?: string;
  updated?: Date;
  deleted?: Date;
  isProtected = false;
  /** What its operations are watched by, unless a request says otherwise. */
  rollbackConfiguration: RollbackConfiguration = {};
  /** Grows with each operation: a change set made for another revision is stale. */
  revision = 0;
  changeSetId?: string;
  operation?: RunningOperation;
  /** The operation whose rollback failed, for ContinueUpdateRollback. */
  unfinished?: RunningOperation;
  readonly changeSets = new Map<string, ChangeSet>();
  /** Oldest first. */
  readonly events: StackEvent[] = [];
  readonly created: Date;

  constructor(
    readonly id: string,
    readonly name: string,
    private readonly now: () => Date,
    /** Told of each new status. */
    private readonly changed: (stack: Stack) => void = () => {},
  ) {
    this.created = now();
  }

  setStatus(status: StackStatus, reason?: string): void {
    this.status = status;
    this.statusReason = reason;
    this.addEvent({ logicalId: this.name, type: 'AWS::CloudFormation::Stack', physicalId: this.id, status, reason });
    this.changed(this);
  }

  /** Records a resource's new state, and an event about it. */
  setResource(resource: Omit<StackResource, 'time'>): void {
    this.resources.set(resource.logicalId, { ...resource, time: this.now() });
    this.addEvent(resource);
  }

  addEvent(event: {
    readonly logicalId: string;
    readonly type: string;
    readonly physicalId?: string;
    readonly status: string;
    readonly reason?: string;
    readonly properties?: Properties;
  }): void {
    this.events.push({
      StackId: this.id,
      StackName: this.name,
      EventId: event.physicalId === this.id ? randomUUID() : `${event.logicalId}-${event.status}-${randomUUID()}`,
      OperationId: this.operation?.id,
      ClientRequestToken: this.operation?.token,
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId ?? '',
      ResourceType: event.type,
      ResourceStatus: event.status as StackEvent['ResourceStatus'],
      ResourceStatusReason: event.reason,
      ResourceProperties: event.properties && JSON.stringify(withTextLeaves(event.properties)),
      Timestamp: this.eventTime(),
    });
  }

  /** No two events at the same time: the CDK CLI sorts by it. */
  private eventTime(): Date {
    const last = this.events.at(-1)?.Timestamp?.getTime() ?? 0;
    return new Date(Math.max(this.now().getTime(), last + 1));
  }
}
