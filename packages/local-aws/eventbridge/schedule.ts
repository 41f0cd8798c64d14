import { AwsError, notImplemented } from '../aws-error';

const UNITS: Record<string, number> = { minute: 1, hour: 60, day: 1_440 };

/**
 * A `rate(value unit)`: singular for 1, plural for more.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
 */
export class Schedule {
  readonly minutes: number;
  /** When it is due next, in minutes of the schedules' clock. "A rate expression starts when you create the rule." */
  private next: number;

  /** Throws ValidationException for what is no schedule, 501 for `cron`. */
  constructor(
    readonly text: string,
    now: number,
  ) {
    if (/^cron\(.*\)$/.test(text)) {
      throw notImplemented(`the schedule ${text}: only rate()`);
    }
    const [, value = '', unit = '', plural = ''] = /^rate\(([1-9]\d*) +(minute|hour|day)(s?)\)$/.exec(text) ?? [];
    const number = Number(value);
    if (number === 0 || (number === 1) === (plural === 's')) {
      throw new AwsError('ValidationException', 400, 'Parameter ScheduleExpression is not valid.');
    }
    this.minutes = number * (UNITS[unit] ?? 0);
    this.next = now + this.minutes;
  }

  /** How often it came due until now. */
  due(now: number): number {
    const times = Math.max(0, Math.floor((now - this.next) / this.minutes) + 1);
    this.next += times * this.minutes;
    return times;
  }
}
