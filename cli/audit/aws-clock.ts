import type { AwsClients } from '../aws-clients';

/**
 * The time as AWS has it: the SDK notes with each answer by how much this machine's clock is off, and an audit must not take
 * what happened just now for late or missing.
 *
 * An answer's `Date` is cut to the second, so this may be up to a second early. What CloudTrail and S3 say is cut as well and
 * never later; only what has milliseconds, such as events of CloudWatch Logs, needs to be read for that second too.
 */
export function awsNow({ s3, cloudFormation }: AwsClients, now: Date): Date {
  const offset = s3.config.systemClockOffset || cloudFormation.config.systemClockOffset || 0;
  return new Date(now.getTime() + offset);
}
