import { Stack, Token } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/** CloudWatch tells of alarms in one account and Region. Throws `InvalidRollout` for one that is known to be elsewhere. */
export function checkAlarmIsNear(scope: IConstruct, { alarmArn, env }: IAlarm): void {
  // Of an alarm that is named by its ARN only that tells where it is.
  const [, , , inRegion = '', inAccount = ''] = Token.isUnresolved(alarmArn) ? [] : alarmArn.split(':');
  const where = { region: inRegion || env.region, account: inAccount || env.account };
  for (const part of ['account', 'region'] as const) {
    const [mine, its] = [Stack.of(scope)[part], where[part]];
    if (!Token.isUnresolved(mine) && !Token.isUnresolved(its) && mine !== its) {
      throw constructError(
        scope,
        'InvalidRollout',
        `expected an alarm of the alias's ${part}, ${mine}, found one of ${its}: guard with an alarm that is where the alias is`,
      );
    }
  }
}
