import { addToGroup } from './add-to-group';
import type { StackEvidence } from './evidence';
import { list, sessionName, type TrailEvent, text } from './trail-event';

/** Parameter Store's own time and CloudTrail's of one write. */
const SAME_WRITE_MS = 2 * 60_000;
const CHANGES = ['PutParameter', 'DeleteParameter', 'DeleteParameters'];

/** Whether CloudFormation made a call, carrying out a stack: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html (`invokedBy`). */
export function isStackExecution({ identity }: TrailEvent, stacks: ReadonlyMap<string, StackEvidence>): boolean {
  if (identity.invokedBy === 'cloudformation.amazonaws.com') return true;
  const roles = [...stacks.values()].map(({ roleArn }) => roleArn);
  return identity.roleArn !== null && roles.includes(identity.roleArn) && sessionName(identity) === 'AWSCloudFormation';
}

/** Calls that changed parameters, by the parameter's name. */
export class ParameterEvents {
  private readonly byName = new Map<string, TrailEvent[]>();
  private readonly writes = new Map<string, TrailEvent[]>();

  constructor(events: Iterable<TrailEvent>) {
    for (const event of events) {
      if (event.source !== 'ssm.amazonaws.com' || event.errorCode !== null || !CHANGES.includes(event.name)) continue;
      for (const name of namesOf(event)) {
        addToGroup(this.byName, name, event);
        if (event.name === 'PutParameter') addToGroup(this.writes, `${name}:${event.response.version}`, event);
      }
    }
  }

  of(name: string): readonly TrailEvent[] {
    return this.byName.get(name) ?? [];
  }

  /** The call that wrote this version of a parameter; a name that was deleted and made again begins at 1 again. */
  write(name: string, version: number, time: string): TrailEvent | undefined {
    const near = (event: TrailEvent) => Math.abs(Date.parse(event.time) - Date.parse(time)) <= SAME_WRITE_MS;
    return this.writes.get(`${name}:${version}`)?.find(near);
  }
}

function namesOf({ request }: TrailEvent): string[] {
  const names = [request.name, ...list(request.names)];
  return names.flatMap((name) => {
    const found = text(name);
    return found === null ? [] : (/^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.+)$/.exec(found)?.[1] ?? found);
  });
}
