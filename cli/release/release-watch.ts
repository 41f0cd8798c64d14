import type { RollbackConfiguration } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient, CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { visibleLine } from '../../core/text/visible-text';
import { CliError, usageError } from '../cli-error';
import type { OptionValues } from '../command';
import type { RegistryStack } from '../registry-stack';

/** What a person wants CloudFormation to watch once the alias has moved. */
export interface WatchWish {
  readonly minutes: number;
  /** Distinct. */
  readonly arns: readonly string[];
}

export interface WatchedAlarm {
  readonly name: string;
  readonly arn: string;
  readonly type: 'AWS::CloudWatch::Alarm' | 'AWS::CloudWatch::CompositeAlarm';
}

/** Alarms that roll a release back when they ring, while CloudFormation works and for some minutes after it. */
export interface ReleaseWatch {
  readonly minutes: number;
  readonly alarms: readonly WatchedAlarm[];
}

/** CloudFormation's limits: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackConfiguration.html */
const MOST_ALARMS = 5;
const LONGEST = 180;
const ALARM_ARN = /^arn:[^:]+:cloudwatch:([^:]+):([^:]+):alarm:(.+)$/s;
const FORM = 'arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME';

/** What `--watch` and `--alarm` say; undefined where they are left out. @throws CliError */
export function watchWish({ watch, alarm, plan }: OptionValues): WatchWish | undefined {
  const arns = Array.isArray(alarm) ? [...new Set<string>(alarm)] : [];
  if (watch === undefined && arns.length === 0) return undefined;
  if (watch === undefined) throw usageError('--alarm without --watch', 'say for how long: --watch 10m');
  if (arns.length === 0) {
    throw usageError('--watch without --alarm', `name what rolls the release back when it rings: --alarm ${FORM}`);
  }
  if (plan !== undefined) {
    throw usageError('--watch with --plan: a plan cannot be changed any more', 'release without --plan');
  }
  const [, digits, unit] = /^(\d{1,4})([mh])$/.exec(String(watch)) ?? [];
  const minutes = Number(digits) * (unit === 'h' ? 60 : 1);
  if (digits === undefined || minutes < 1 || minutes > LONGEST) {
    throw usageError(
      `expected --watch from 1m to ${LONGEST}m, found ${visibleLine(String(watch))}`,
      `give minutes: --watch 10m`,
    );
  }
  if (arns.length > MOST_ALARMS) {
    throw usageError(
      `expected at most ${MOST_ALARMS} alarms, found ${arns.length}`,
      'join them: a composite alarm rings when one of its alarms does',
    );
  }
  const wrong = arns.find((arn) => !ALARM_ARN.test(arn));
  if (wrong !== undefined) {
    throw usageError(`${visibleLine(wrong)} is no ARN of a CloudWatch alarm`, `give it as --alarm ${FORM}`);
  }
  return { minutes, arns };
}

/**
 * Looks the alarms up, before anything is made. One that rings already would take the release back at once.
 *
 * @throws CliError where one is elsewhere, is not there, or rings
 */
export async function releaseWatch(
  client: CloudWatchClient,
  { stackId, stackName }: Pick<RegistryStack, 'stackId' | 'stackName'>,
  { minutes, arns }: WatchWish,
): Promise<ReleaseWatch> {
  const [, , , region, account] = stackId.split(':');
  const names = arns.map((arn) => {
    const [, itsRegion, itsAccount, name = ''] = ALARM_ARN.exec(arn) ?? [];
    if (itsRegion === region && itsAccount === account) return name;
    throw new CliError({
      what: `${visibleLine(name)} is an alarm of another ${itsRegion === region ? 'account' : 'Region'}; nothing was moved`,
      why: `it is of ${visibleLine(`${itsRegion} ${itsAccount}`)}, the stack ${stackName} of ${region} ${account}: CloudFormation watches alarms of its own only`,
      fix: 'name an alarm of the account and Region of the stack',
    });
  });
  const found = await alarmsNamed(client, names);
  const alarms = names.map((name, i): WatchedAlarm => {
    const alarm = found.find(({ AlarmName }) => AlarmName === name);
    if (!alarm) {
      throw new CliError({
        what: `there is no alarm ${visibleLine(name)}; nothing was moved`,
        why: 'CloudFormation fails an operation whose alarm is missing',
        fix: 'deploy the alarm first, or look for its name: aws cloudwatch describe-alarms',
      });
    }
    if (alarm.StateValue === 'ALARM') throw ringsAlready(alarm);
    const type = 'AlarmRule' in alarm ? 'AWS::CloudWatch::CompositeAlarm' : 'AWS::CloudWatch::Alarm';
    return { name, arn: arns[i] as string, type };
  });
  return { minutes, alarms };
}

/** Which of the watched alarms rings now, and why; undefined where none does any more. */
export async function ringing(client: CloudWatchClient, { alarms }: ReleaseWatch): Promise<string | undefined> {
  const found = await alarmsNamed(
    client,
    alarms.map(({ name }) => name),
  );
  const rings = found.filter(({ StateValue }) => StateValue === 'ALARM');
  return rings.length === 0 ? undefined : rings.map(ringText).join('; ');
}

/** The terms of a change set: without a watch an empty list, because CloudFormation keeps what is not named for later operations. */
export function watchedBy(watch: ReleaseWatch | undefined): Required<RollbackConfiguration> {
  return {
    RollbackTriggers: watch?.alarms.map(({ arn, type }) => ({ Arn: arn, Type: type })) ?? [],
    MonitoringTimeInMinutes: watch?.minutes ?? 0,
  };
}

/** Whether a stack's operations are watched unless they say otherwise. */
export function isWatched({ RollbackTriggers = [], MonitoringTimeInMinutes = 0 }: RollbackConfiguration = {}): boolean {
  return RollbackTriggers.length > 0 || MonitoringTimeInMinutes > 0;
}

export function alarmNames({ alarms }: Pick<ReleaseWatch, 'alarms'>): string {
  return alarms.map(({ name }) => visibleLine(name)).join(', ');
}

type AnyAlarm = MetricAlarm | CompositeAlarm;

async function alarmsNamed(client: CloudWatchClient, AlarmNames: string[]): Promise<AnyAlarm[]> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const found = new Map<string | undefined, AnyAlarm>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], NextToken }),
    );
    for (const alarm of [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])])
      found.set(alarm.AlarmArn, alarm);
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return [...found.values()];
}

function ringsAlready(alarm: AnyAlarm): CliError {
  return new CliError({
    what: `${visibleLine(alarm.AlarmName ?? '')} rings already; nothing was moved`,
    why: `CloudFormation would roll the release back at once: ${ringText(alarm)}`,
    fix: 'mend what rings it, or release without --watch',
  });
}

function ringText({ AlarmName = '', StateReason = '', StateTransitionedTimestamp: since }: AnyAlarm): string {
  const at = since ? ` since ${since.toISOString().slice(11, 16)} UTC` : '';
  return `${visibleLine(AlarmName)} is in ALARM${at}: ${visibleLine(StateReason)}`;
}
