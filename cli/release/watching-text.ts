import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { alarmNames, type ReleaseWatch } from './release-watch';

const MINUTE = 60_000;

/**
 * Tells once, of the events of a release in their order, that the alias has moved and CloudFormation watches alarms. It says
 * so in no event of its own: the monitoring time begins when all resources are deployed, of which the parameter is the last.
 *
 * @param parameterName of the alias
 */
export function watchingText(watch: ReleaseWatch | undefined, parameterName: string) {
  let isOver = watch === undefined;
  return ({
    ResourceStatus,
    PhysicalResourceId,
    Timestamp,
  }: Pick<StackEvent, 'ResourceStatus' | 'PhysicalResourceId' | 'Timestamp'>): string | undefined => {
    if (watch === undefined || isOver) return undefined;
    const isMoved = PhysicalResourceId === parameterName && ResourceStatus === 'UPDATE_COMPLETE';
    isOver = isMoved || String(ResourceStatus).startsWith('UPDATE_ROLLBACK');
    if (!isMoved) return undefined;
    const end = new Date(Math.ceil((Timestamp ?? new Date()).getTime() / MINUTE + watch.minutes) * MINUTE);
    const until = `${end.toISOString().slice(11, 16)} UTC`;
    return `watching ${alarmNames(watch)} until ${until}; Ctrl-C leaves it to CloudFormation`;
  };
}
