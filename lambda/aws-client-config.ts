/**
 * What every SDK client of the handlers is made with.
 * Adaptive: Bedrock's limits (2 creates, 10 reads a second) are per account, and the prompts of a stack deploy side by side.
 */
export const awsClientConfig = {
  retryMode: 'adaptive',
  maxAttempts: 8,
  // The SDK has no time limit of its own, and a request that hangs would hold a stack that goes back until Lambda's ends.
  // https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-node-http-handler
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** Fewer attempts: what the handlers ask CloudFormation they ask again themselves, and then look at the clock. */
export const cloudFormationClientConfig = { ...awsClientConfig, maxAttempts: 5 } as const;

/** Path style where a custom endpoint has no bucket host names. */
export function s3ClientConfig(environment: NodeJS.ProcessEnv) {
  const ownEndpoint = environment.AWS_ENDPOINT_URL ?? environment.AWS_ENDPOINT_URL_S3;
  return { ...awsClientConfig, forcePathStyle: Boolean(ownEndpoint) };
}
