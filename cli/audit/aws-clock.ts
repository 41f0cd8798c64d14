import type { AwsClients } from '../aws-clients';

/**
 * The time as AWS has it: where this machine's clock is off by more than five minutes, the SDK notes by how much on the
 * first answer, and an audit must not take what happened just now for late or missing.
 */
export function awsNow({ s3, cloudFormation }: AwsClients, now: Date): Date {
  const offset = s3.config.systemClockOffset || cloudFormation.config.systemClockOffset || 0;
  return new Date(now.getTime() + offset);
}
