import type { AwsClients } from '../aws-clients';

const SECOND = 1_000;

/**
 * The time as AWS has it: the SDK notes with each answer by how much this machine's clock is off, and an audit must not take
 * what happened just now for late or missing.
 *
 * An answer's `Date` is cut to the second, so this may be up to a second early: what is read until now is read until
 * `throughNow()`, or it lacks what happened last.
 */
export function awsNow({ s3, cloudFormation }: Pick<AwsClients, 's3' | 'cloudFormation'>, now: Date): Date {
  const offset = s3.config.systemClockOffset || cloudFormation.config.systemClockOffset || 0;
  return new Date(now.getTime() + offset);
}

/** The end of a span that shall hold all until `now`, which `awsNow()` said. */
export function throughNow(now: Date): Date {
  return new Date(now.getTime() + SECOND);
}
