import { randomUUID } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../aws-error';
import { type Alarm, type AlarmSettings, type MetricAlarmSettings, nameOf, periodOf } from './alarm';
import { configuration } from './alarm-event';
import type { AlarmRule } from './alarm-rule';
import { MetricQueries } from './metric-queries';
import { type MetricStore, periodStart } from './metric-store';
import { type AlarmState, alarmState, FURTHER_PERIODS } from './missing-data';

export interface AlarmsOptions {
  readonly account: string;
  readonly region: string;
  readonly metrics: MetricStore;
  readonly now: () => Date;
  /** How far CloudWatch is ahead of the clocks of its callers, in milliseconds. */
  readonly aheadMs: () => number;
  /** An event for EventBridge. */
  readonly tell: (event: object) => void;
  /** Carries out an action of an alarm that came into a state. */
  readonly act: (action: string, alarm: Alarm, before: AlarmState) => void;
}

const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export const isComparison = (text: string | undefined) => Object.hasOwn(comparisons, text ?? '');

/** Alarms are looked at every minute, those with periods of 10, 20 or 30 s every 10 s. */
const USUAL_INTERVAL = 60_000;
const SHORT_INTERVAL = 10_000;
/** After a long time at once only the end of it is looked at. */
const MOST_EVALUATIONS = 2_000;

/** The alarms of the account and their work: what they make of the metrics, minute by minute. */
export class Alarms {
  private readonly alarms = new Map<string, Alarm>();

  constructor(private readonly options: AlarmsOptions) {}

  list(): Alarm[] {
    return [...this.alarms.values()].sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1));
  }

  find(name: string): Alarm | undefined {
    return this.alarms.get(name);
  }

  /** Throws ResourceNotFound. */
  alarm(name: string | undefined): Alarm {
    const found = this.alarms.get(name ?? '');
    if (!found) {
      throw new AwsError('ResourceNotFound', 404, `Unknown alarm: ${name}`);
    }
    return found;
  }

  /** A new alarm begins as INSUFFICIENT_DATA; one that is there keeps its state: API_PutMetricAlarm. */
  put(settings: AlarmSettings, tags: readonly Tag[] = []): void {
    const before = this.alarms.get(settings.name);
    const now = this.options.now();
    this.check(settings);
    if (before) {
      Object.assign(before, { settings, next: this.time });
    } else {
      this.alarms.set(settings.name, {
        ...{ settings, state: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation' },
        ...{ updated: now, transitioned: now, tags: [...tags], next: this.time },
      });
    }
    this.evaluateComposites();
  }

  delete(name: string): void {
    this.alarms.delete(name);
  }

  /** Until the alarm is looked at the next time. */
  set(name: string | undefined, state: AlarmState, reason: string, reasonData?: string): void {
    const alarm = this.alarm(name);
    alarm.next = this.time + this.interval(alarm);
    this.become(alarm, state, reason, reasonData);
  }

  /** Looks at all that are due, as often as they came due. */
  evaluate(): void {
    const { time } = this;
    for (const alarm of this.list()) {
      const interval = this.interval(alarm);
      alarm.next = Math.max(alarm.next, time - MOST_EVALUATIONS * interval);
    }
    const due = () => this.list().filter(({ next, settings }) => settings.kind === 'metric' && next <= time);
    for (let [first] = byTime(due()); first; [first] = byTime(due())) {
      const at = first.next;
      first.next += this.interval(first);
      this.evaluateMetric(first, at);
    }
  }

  /** What CloudWatch takes for the time. */
  private get time(): number {
    return this.options.now().getTime() + this.options.aheadMs();
  }

  private interval({ settings }: Alarm): number {
    return settings.kind === 'metric' && periodOf(settings) < 60 ? SHORT_INTERVAL : USUAL_INTERVAL;
  }

  /** Refuses queries that cannot be computed, before there is an alarm of them. */
  private check(settings: AlarmSettings): void {
    if (settings.kind === 'metric') {
      this.series(settings, this.time, periodOf(settings) * 1000);
      return;
    }
    const unknown = settings.rule.alarms.find((alarm) => !this.find(nameOf(alarm)));
    if (unknown !== undefined || settings.rule.alarms.some((alarm) => nameOf(alarm) === settings.name)) {
      throw new AwsError('ValidationException', 400, `AlarmRule names ${unknown ?? 'itself'}, which is no other alarm`);
    }
  }

  private series({ queries }: MetricAlarmSettings, start: number, end: number) {
    const [result, ...others] = new MetricQueries(this.options.metrics, queries, start, end).results();
    if (!result || others.length > 0) {
      throw new AwsError('ValidationException', 400, 'Exactly one element of the metrics list should return data.');
    }
    return result.series;
  }

  private evaluateMetric(alarm: Alarm, at: number): void {
    const settings = alarm.settings as MetricAlarmSettings;
    const period = periodOf(settings) * 1000;
    const end = periodStart(at, period / 1000);
    const length = settings.evaluationPeriods + FURTHER_PERIODS;
    const series = this.series(settings, end - length * period, end);
    const range = Array.from({ length }, (_, i) => series.get(end - (i + 1) * period));
    const breaches = comparisons[settings.comparison] as (value: number, threshold: number) => boolean;
    const judged = range.map((value) => (value === undefined ? undefined : breaches(value, settings.threshold)));
    const state = alarmState(judged, settings, alarm.state);
    if (state !== alarm.state) {
      const seen = range.filter((value) => value !== undefined).slice(0, settings.evaluationPeriods);
      const why = `${settings.comparison} ${settings.threshold}, ${settings.datapointsToAlarm} of ${settings.evaluationPeriods}`;
      const values = seen.length > 0 ? seen.join(', ') : 'no datapoints';
      this.become(alarm, state, `Threshold Crossed: ${values} (${why}; ${settings.treatMissingData})`);
    }
  }

  private become(alarm: Alarm, state: AlarmState, reason: string, reasonData?: string): void {
    const before = alarm.state;
    const previous = described(alarm);
    const now = this.options.now();
    Object.assign(alarm, { state, reason, reasonData, updated: now });
    if (state === before) {
      return;
    }
    alarm.transitioned = now;
    const { settings } = alarm;
    const { account, region, aheadMs, tell, act } = this.options;
    const time = new Date(now.getTime() + aheadMs()).toISOString();
    tell({
      ...{ version: '0', id: randomUUID(), 'detail-type': 'CloudWatch Alarm State Change', source: 'aws.cloudwatch' },
      ...{ account, time: `${time.slice(0, 19)}Z`, region, resources: [settings.arn] },
      detail: {
        alarmName: settings.name,
        state: described(alarm),
        previousState: previous,
        configuration: configuration(settings),
      },
    });
    for (const action of settings.actionsEnabled ? settings.actions[state] : []) {
      act(action, alarm, before);
    }
    this.evaluateComposites();
  }

  private evaluateComposites(): void {
    for (const alarm of this.list()) {
      if (alarm.settings.kind === 'composite') {
        this.evaluateComposite(alarm, alarm.settings.rule);
      }
    }
  }

  private evaluateComposite(alarm: Alarm, rule: AlarmRule): void {
    const states = rule.alarms.map((other) => this.find(nameOf(other))?.state);
    const isKnown = states.every((state) => state !== undefined);
    const holds = rule.holds((other) => this.find(nameOf(other))?.state ?? 'INSUFFICIENT_DATA');
    const state = holds ? 'ALARM' : isKnown ? 'OK' : 'INSUFFICIENT_DATA';
    if (state !== alarm.state) {
      this.become(alarm, state, `${rule.text} is ${holds}`);
    }
  }
}

function byTime(alarms: readonly Alarm[]): Alarm[] {
  return [...alarms].sort((a, b) => a.next - b.next);
}

function described({ state, reason, reasonData, updated }: Alarm): object {
  return { value: state, reason, ...(reasonData && { reasonData }), timestamp: updated.toISOString() };
}
