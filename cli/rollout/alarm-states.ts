import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Rollout } from '../../core/ledger/record-schema-2';
import { guardVerdict } from '../../core/rollout/guard-verdict';
import { alarmsOf } from '../../core/rollout/settings';
import type { AlarmState } from '../../core/rollout/situation';

/** The states of a rollout's alarms by their ARNs; one that does not exist has none. */
export async function alarmStates(client: CloudWatchClient, rollout: Rollout): Promise<Map<string, AlarmState>> {
  const states = new Map<string, AlarmState>();
  const AlarmNames = alarmsOf(rollout).map((arn) => arn.split(':').slice(6).join(':'));
  if (AlarmNames.length === 0) return states;
  const found = await client.send(
    new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  for (const { AlarmArn = '', StateValue } of [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])]) {
    if (StateValue) states.set(AlarmArn, StateValue);
  }
  return states;
}

/** Why the controller does not begin a rollout whose first step is not recorded: undefined where it does. */
export async function heldBy(client: CloudWatchClient, rollout: Rollout): Promise<string | undefined> {
  return guardVerdict(rollout, { alarms: await alarmStates(client, rollout), spans: [], uses: 0 }).halt;
}
