import type { Credentials } from './iam/principal';

/** Variables to set, and those to take away: undefined. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What would lead elsewhere or break the keys. None is set to nothing: the AWS CLI and boto3 look for a profile without a
 * name then. https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
 */
const TAKEN = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];

/** What the AWS CLI, the CDK CLI and SDKs need in order to come to an endpoint, and only there. */
export function environmentFor(endpoint: string, region: string, credentials: Credentials): Environment {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  // An endpoint of one service goes before that of all.
  const ofServices = Object.keys(process.env).filter((name) => name.startsWith('AWS_ENDPOINT_URL_'));
  return {
    ...Object.fromEntries([...TAKEN, ...ofServices].map((name) => [name, undefined])),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
    AWS_EC2_METADATA_DISABLED: 'true',
    // The user's own settings must not lead a demo to a real account.
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    NO_PROXY: '127.0.0.1',
  };
}

/** Without what is not set here anyway: assigned to `process.env`, undefined would become a text. */
export function withoutNeedless(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== undefined || name in process.env),
  );
}
