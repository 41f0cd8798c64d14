import type { Rollout } from '../ledger/record-schema-2';
import type { StepEvidence } from '../ledger/rollout-step';
import { sumOfArms } from './arm-counts';
import { alarmsOf, ERRORS_GUARD } from './settings';
import type { GuardReadings } from './situation';
import { haltsAt, sureness } from './worse-than-stable';

export interface GuardVerdict {
  /** Why the candidate must not be served any longer; undefined while it may. */
  readonly halt?: string | undefined;
  /** Why it must not get a larger share yet. */
  readonly wait: readonly string[];
  readonly evidence: StepEvidence;
}

/** What the guards say about a candidate that is being served. */
export function guardVerdict(rollout: Rollout, readings: GuardReadings): GuardVerdict {
  const alarms = alarmsOf(rollout);
  const inAlarm = alarms.filter((arn) => readings.alarms.get(arn) === 'ALARM');
  const sure = rollout.guards.includes(ERRORS_GUARD) ? sureness(readings.spans) : undefined;
  const errors = sure === undefined ? undefined : errorsOf(readings, sure);
  const halts = [
    ...inAlarm.map((arn) => `alarm ${nameOf(arn)} is in ALARM`),
    ...(errors && sure !== undefined && sure >= haltsAt(1)
      ? [`it fails more often: ${errors.k1} of ${errors.n1} first uses, stable ${errors.k0} of ${errors.n0}`]
      : []),
  ];
  const { uses } = readings;
  return {
    halt: halts.length > 0 ? halts.join('; ') : undefined,
    wait: [
      ...(uses < rollout.minimum ? [`${uses} of ${rollout.minimum} uses`] : []),
      // One that does not exist, or has no data, guards nothing.
      ...alarms.filter((arn) => readings.alarms.get(arn) !== 'OK').map((arn) => `alarm ${nameOf(arn)} is not OK`),
    ],
    evidence: { ...(errors && { errors }), ...(inAlarm.length > 0 && { alarms: inAlarm }), uses },
  };
}

/** Rounded for people: what decides is the number itself. */
function errorsOf({ spans }: GuardReadings, sure: number): NonNullable<StepEvidence['errors']> {
  const { candidate, stable } = sumOfArms(spans);
  const e = Number(sure.toPrecision(3));
  return { n1: candidate.uses, k1: candidate.failures, n0: stable.uses, k0: stable.failures, e };
}

/** `arn:aws:cloudwatch:us-east-1:111122223333:alarm:Name` */
function nameOf(arn: string): string {
  return arn.split(':').slice(6).join(':') || arn;
}
