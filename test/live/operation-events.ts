import type { StackEvent } from '@aws-sdk/client-cloudformation';

export type Properties = Readonly<Record<string, unknown>>;

/** What CloudFormation told about one stack operation, oldest first. */
export class OperationEvents {
  constructor(readonly all: readonly StackEvent[]) {}

  /** Those of a resource before the stack turned back. */
  forward(logicalId: string): StackEvent[] {
    return this.of(logicalId, this.all.slice(0, this.turn ?? this.all.length));
  }

  /** Those of a resource since the stack turned back. */
  back(logicalId: string): StackEvent[] {
    return this.turn === undefined ? [] : this.of(logicalId, this.all.slice(this.turn));
  }

  /** When the stack began to go back. */
  get turnedBack(): Date | undefined {
    return this.turn === undefined ? undefined : this.all[this.turn]?.Timestamp;
  }

  get lastTime(): number {
    return this.all.at(-1)?.Timestamp?.getTime() ?? 0;
  }

  /** `FailsOnPurpose: …` of each resource that failed by itself. */
  failures(): string[] {
    return this.all
      .filter(({ ResourceStatus, ResourceStatusReason }) => {
        return ResourceStatus?.endsWith('_FAILED') && !/cancelled/i.test(ResourceStatusReason ?? '');
      })
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  }

  /** The client request tokens on the events; undefined stands for events without one. */
  get tokens(): (string | undefined)[] {
    return [...new Set(this.all.map(({ ClientRequestToken }) => ClientRequestToken))];
  }

  private get turn(): number | undefined {
    const isTurn = ({ PhysicalResourceId, StackId, ResourceStatus }: StackEvent) =>
      PhysicalResourceId === StackId && ResourceStatus === 'UPDATE_ROLLBACK_IN_PROGRESS';
    const found = this.all.findIndex(isTurn);
    return found < 0 ? undefined : found;
  }

  private of(logicalId: string, events: readonly StackEvent[]): StackEvent[] {
    return events.filter(({ LogicalResourceId }) => LogicalResourceId === logicalId);
  }
}

/** The properties that an event shows, undefined where it shows none. */
export function propertiesOf(event: StackEvent | undefined): Properties | undefined {
  try {
    const found: unknown = JSON.parse(event?.ResourceProperties ?? '');
    return typeof found === 'object' && found !== null ? (found as Properties) : undefined;
  } catch {
    return undefined;
  }
}

/** Those of the newest event that shows any. */
export function lastProperties(events: readonly StackEvent[]): Properties | undefined {
  return events.map(propertiesOf).findLast((properties) => properties !== undefined);
}
