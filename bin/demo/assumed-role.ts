import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientConfiguration } from './client-configuration';

/** The same endpoint with a role's credentials, in a session of this name. */
export async function assumedRole(
  RoleArn: string,
  operator: ClientConfiguration,
  RoleSessionName = 'application',
): Promise<ClientConfiguration> {
  const command = new AssumeRoleCommand({ RoleArn, RoleSessionName });
  const { Credentials } = await new STSClient(operator).send(command);
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken,
  };
  return { ...operator, credentials };
}
