import { randomUUID } from 'node:crypto';
import type { RuleState, Tag, Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../aws-error';
import type { CloudTrailRecord } from '../cloudtrail/cloudtrail-record';
import type { Outstanding } from '../outstanding';
import type { EventPattern } from './event-pattern';
import { transformed } from './input-transformer';
import type { Schedule } from './schedule';
import type { ScheduleClock } from './schedule-clock';

export interface EventRule {
  readonly name: string;
  readonly arn: string;
  pattern?: EventPattern;
  schedule?: Schedule;
  description?: string;
  state: RuleState;
  readonly targets: Map<string, Target>;
  tags: Tag[];
}

/** What is looked at of an event. */
export type TrailRecord = Pick<
  CloudTrailRecord,
  'eventSource' | 'eventTime' | 'awsRegion' | 'recipientAccountId' | 'readOnly' | 'managementEvent'
>;

/** Hands `message` to the target `arn` in the name of a rule; rejects where the target's policy does not let it. */
export type TargetDelivery = (arn: string, message: string, ruleArn: string) => Promise<void>;

/** A message that a target did not take: EventBridge tries again for a day, then it is lost or in a dead-letter queue. */
export interface Undelivered {
  /** Or the alarm's. */
  readonly ruleName: string;
  readonly targetArn: string;
  readonly reason: string;
}

/** The rules of the default event bus of one Region, and their work. */
export class EventRules {
  readonly undelivered: Undelivered[] = [];
  private readonly rules = new Map<string, EventRule>();
  private readonly tick = () => this.runSchedules();

  constructor(
    private readonly delivery: TargetDelivery,
    private readonly outstanding: Outstanding,
    readonly clock: ScheduleClock,
    private readonly now: () => Date,
  ) {}

  list(): EventRule[] {
    return [...this.rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): EventRule | undefined {
    return this.rules.get(name);
  }

  /** Throws ResourceNotFoundException. */
  rule(name: string | undefined): EventRule {
    const found = this.rules.get(name ?? '');
    if (!found) {
      const message = `Rule ${name} does not exist on EventBus default.`;
      throw new AwsError('ResourceNotFoundException', 400, message);
    }
    return found;
  }

  add(rule: EventRule): void {
    this.rules.set(rule.name, rule);
    if (rule.schedule) {
      this.clock.onTick(this.tick);
    }
  }

  /**
   * Sends the events of all schedules that came due. What came due while a rule was off is not made up for.
   *
   * @param most of each rule
   */
  runSchedules(most = Number.POSITIVE_INFINITY): void {
    for (const rule of this.rules.values()) {
      const times = Math.min(most, rule.schedule?.due(this.clock.minutes) ?? 0);
      for (let n = 0; n < times && rule.state !== 'DISABLED'; n += 1) {
        this.send(rule, scheduledEvent(rule.arn, new Date(this.now().getTime() + this.clock.aheadMs)));
      }
    }
  }

  delete(name: string): void {
    this.rules.delete(name);
  }

  /**
   * What CloudTrail tells EventBridge of a record that a trail logged. Read-only management events reach only the rules
   * that ask for them: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
   */
  apiCallRecorded(record: TrailRecord): void {
    const isReadOnlyManagement = record.readOnly && record.managementEvent;
    this.put(
      {
        ...{ version: '0', id: randomUUID(), 'detail-type': 'AWS API Call via CloudTrail' },
        source: `aws.${record.eventSource.split('.')[0]}`,
        ...{ account: record.recipientAccountId, time: record.eventTime, region: record.awsRegion, resources: [] },
        detail: record,
      },
      isReadOnlyManagement ? ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] : undefined,
    );
  }

  /** An event of an AWS service, for the rules that are on; `states` names others. */
  put(event: object, states?: readonly RuleState[]): void {
    for (const rule of this.rules.values()) {
      const isOn = states ? states.includes(rule.state) : rule.state !== 'DISABLED';
      if (isOn && rule.pattern?.matches(event)) {
        this.send(rule, event);
      }
    }
  }

  private send(rule: EventRule, event: object): void {
    for (const target of rule.targets.values()) {
      void this.deliver(rule, target, event);
    }
  }

  private async deliver({ name, arn }: EventRule, target: Target, event: object): Promise<void> {
    const { Arn: targetArn = '', InputTransformer } = target;
    this.outstanding.begin();
    try {
      const predefined = { 'aws.events.rule-arn': arn, 'aws.events.rule-name': name };
      const message = InputTransformer ? transformed(InputTransformer, event, predefined) : JSON.stringify(event);
      await this.delivery(targetArn, target.Input ?? message, arn);
    } catch (error) {
      this.undelivered.push({ ruleName: name, targetArn, reason: (error as Error).message });
    } finally {
      this.outstanding.end();
    }
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html */
function scheduledEvent(ruleArn: string, time: Date): object {
  const [, , , region, account] = ruleArn.split(':');
  return {
    ...{ version: '0', id: randomUUID(), 'detail-type': 'Scheduled Event', source: 'aws.events', account },
    ...{ time: `${time.toISOString().slice(0, 19)}Z`, region, resources: [ruleArn], detail: {} },
  };
}
