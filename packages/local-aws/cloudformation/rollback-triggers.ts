import type { RollbackConfiguration } from '@aws-sdk/client-cloudformation';
import { validationError } from './validation-error';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackConfiguration.html */
const MOST_TRIGGERS = 5;
const LONGEST = 180;
const TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];
const POLL_MS = 25;

/** The state of an alarm of the account by its ARN; undefined where there is none. */
export type AlarmStates = (arn: string) => string | undefined;

/**
 * What an operation is watched by. Triggers that a request does not name stay those of the operation before; an empty list
 * takes them away.
 */
export function rollbackConfiguration(
  { RollbackTriggers, MonitoringTimeInMinutes }: RollbackConfiguration = {},
  saved: RollbackConfiguration = {},
): RollbackConfiguration {
  const triggers = RollbackTriggers ?? saved.RollbackTriggers ?? [];
  const minutes = MonitoringTimeInMinutes ?? saved.MonitoringTimeInMinutes ?? 0;
  if (triggers.length > MOST_TRIGGERS) {
    throw validationError(`The number of rollback triggers must be at most ${MOST_TRIGGERS}`);
  }
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > LONGEST) {
    throw validationError(`MonitoringTimeInMinutes must be from 0 to ${LONGEST}, found ${minutes}`);
  }
  const wrong = triggers.find(
    ({ Arn = '', Type = '' }) => !/^arn:[^:]+:cloudwatch:/.test(Arn) || !TYPES.includes(Type),
  );
  if (wrong) {
    throw validationError(`Rollback trigger ${wrong.Arn} of type ${wrong.Type} is not valid`);
  }
  return { RollbackTriggers: triggers, MonitoringTimeInMinutes: minutes };
}

/**
 * Watches alarms while an operation is at work and for a time after all resources are deployed. An alarm that is in ALARM
 * already when the operation begins counts as well: AWS documents neither.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
 */
export class RollbackWatch {
  /** Why the operation goes back; undefined while no alarm rang. */
  reason: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly configuration: RollbackConfiguration,
    private readonly states: AlarmStates,
    private readonly now: () => Date,
  ) {}

  /** Calls `ring` once an alarm rings, or where there is none of its name. */
  begin(ring: () => void): void {
    const { RollbackTriggers = [] } = this.configuration;
    const look = () => {
      const found = RollbackTriggers.map(({ Arn = '' }) => ({ Arn, state: this.states(Arn) }));
      const missing = found.find(({ state }) => state === undefined);
      const ringing = found.find(({ state }) => state === 'ALARM');
      if (missing || ringing) {
        this.reason = missing
          ? `The rollback trigger ${missing.Arn} does not exist. `
          : `The rollback trigger ${ringing?.Arn} went to ALARM state. `;
        this.end();
        ring();
      }
    };
    if (RollbackTriggers.length > 0) {
      this.timer = setInterval(look, POLL_MS);
      look();
    }
  }

  /** Waits for the monitoring time, or until `over` is aborted. */
  async afterwards(over: AbortSignal): Promise<void> {
    const { MonitoringTimeInMinutes = 0 } = this.configuration;
    const end = this.now().getTime() + MonitoringTimeInMinutes * 60_000;
    while (!over.aborted && this.now().getTime() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  end(): void {
    clearInterval(this.timer);
  }
}
