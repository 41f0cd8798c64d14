import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error';

/** One event of a stream, as `FilterLogEvents` gives it. */
export interface LogEvent {
  readonly logStreamName: string;
  /** Milliseconds. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  readonly eventId: string;
}

interface LogGroup {
  readonly creationTime: number;
  readonly events: LogEvent[];
}

/** What services wrote into groups of CloudWatch Logs. A stream is there once something was written to it. */
export class LogGroups {
  private readonly groups = new Map<string, LogGroup>();

  has(name: string): boolean {
    return this.groups.has(name);
  }

  create(name: string, time: Date): void {
    if (this.has(name)) {
      throw new AwsError('ResourceAlreadyExistsException', 400, 'The specified log group already exists');
    }
    this.groups.set(name, { creationTime: time.getTime(), events: [] });
  }

  delete(name: string): void {
    this.get(name);
    this.groups.delete(name);
  }

  /** By name, of those whose names begin so. */
  list(prefix = ''): { readonly logGroupName: string; readonly creationTime: number }[] {
    return [...this.groups]
      .filter(([name]) => name.startsWith(prefix))
      .map(([logGroupName, { creationTime }]) => ({ logGroupName, creationTime }))
      .sort((a, b) => (a.logGroupName < b.logGroupName ? -1 : 1));
  }

  write(name: string, logStreamName: string, message: string, time: Date): void {
    const at = time.getTime();
    const event = { logStreamName, timestamp: at, ingestionTime: at, message, eventId: randomUUID() };
    this.get(name).events.push(event);
  }

  /** Oldest first. */
  events(name: string): readonly LogEvent[] {
    return [...this.get(name).events].sort((a, b) => a.timestamp - b.timestamp);
  }

  private get(name: string): LogGroup {
    const group = this.groups.get(name);
    if (!group) {
      throw new AwsError('ResourceNotFoundException', 400, 'The specified log group does not exist.');
    }
    return group;
  }
}
