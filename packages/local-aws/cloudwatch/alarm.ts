import type { MetricDataQuery, Tag } from '@aws-sdk/client-cloudwatch';
import type { AlarmRule } from './alarm-rule';
import type { AlarmState, AlarmWindow } from './missing-data';

/** What a metric alarm and a composite alarm have in common. */
interface Common {
  readonly name: string;
  readonly arn: string;
  description?: string;
  actionsEnabled: boolean;
  readonly actions: Record<AlarmState, readonly string[]>;
  configured: Date;
}

export interface MetricAlarmSettings extends Common, AlarmWindow {
  readonly kind: 'metric';
  /** One of them returns data: what is compared with the threshold. */
  readonly queries: readonly MetricDataQuery[];
  readonly threshold: number;
  readonly comparison: string;
  /** As they were given, for `DescribeAlarms`. */
  readonly shown: object;
}

export interface CompositeAlarmSettings extends Common {
  readonly kind: 'composite';
  readonly rule: AlarmRule;
}

export type AlarmSettings = MetricAlarmSettings | CompositeAlarmSettings;

export interface Alarm {
  settings: AlarmSettings;
  state: AlarmState;
  reason: string;
  reasonData?: string;
  /** When the state was set, and when it last became another one. */
  updated: Date;
  transitioned: Date;
  tags: Tag[];
  /** Milliseconds: when it is looked at next. */
  next: number;
}

/** Seconds. */
export function periodOf({ queries }: MetricAlarmSettings): number {
  return Math.max(...queries.map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 0)) || 60;
}

export function nameOf(alarm: string): string {
  return alarm.startsWith('arn:') ? (alarm.split(':alarm:')[1] ?? '') : alarm;
}
