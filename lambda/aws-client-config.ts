/**
 * What every SDK client of the handlers is made with.
 * Adaptive: Bedrock's limits (2 creates, 10 reads a second) are per account, and the prompts of a stack deploy side by side.
 */
export const awsClientConfig = { retryMode: 'adaptive', maxAttempts: 8 } as const;

/** Path style where an endpoint of one's own has no bucket host names. */
export function s3ClientConfig(environment: NodeJS.ProcessEnv) {
  const ownEndpoint = environment.AWS_ENDPOINT_URL ?? environment.AWS_ENDPOINT_URL_S3;
  return { ...awsClientConfig, forcePathStyle: Boolean(ownEndpoint) };
}
