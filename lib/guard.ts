import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { ERRORS_GUARD } from '../core/rollout/settings';
import { checkAlarmIsNear } from './private/alarm-is-near';

/**
 * What halts a rollout.
 *
 * @example
 * Guard.errors();
 */
export abstract class Guard {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'Guard';

  /**
   * The candidate fails more often than the stable version at the same time. The first use of each key in a process counts; a
   * rollout that is no worse is halted by it in at most one of twenty.
   */
  public static errors(): Guard {
    return new ErrorsGuard();
  }

  /**
   * An alarm of yours, of this account and Region, goes off: one of a metric or a composite one. One that is in ALARM when a
   * rollout is to begin refuses it, and nothing else.
   */
  public static alarm(alarm: IAlarm): Guard {
    return new AlarmGuard(alarm);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): string;
}

class ErrorsGuard extends Guard {
  public override _bind(): string {
    return ERRORS_GUARD;
  }
}

class AlarmGuard extends Guard {
  constructor(private readonly guarding: IAlarm) {
    super();
  }

  public override _bind(scope: IConstruct): string {
    checkAlarmIsNear(scope, this.guarding);
    return this.guarding.alarmArn;
  }
}
