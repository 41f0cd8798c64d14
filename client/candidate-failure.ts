/** Names under which services ask for fewer calls, of either version. */
const THROTTLED = /throttl|toomany|quota|rate.?limit/i;
/** Names under which SDKs, `fetch` and axios report that the caller gave up. */
const GIVEN_UP = /abort|cancel/i;

/**
 * Whether a call that failed with the candidate is worth a call with stable: not where it was one call too many, and not
 * where nobody waits for the answer.
 */
export function isWorthRepeating(error: unknown): boolean {
  const { name, status, $metadata } = (error ?? {}) as {
    name?: unknown;
    status?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  if (THROTTLED.test(`${name}`) || GIVEN_UP.test(`${name}`)) return false;
  // Bedrock answers 429 for a model that is not ready as well:
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
  return name === 'ModelNotReadyException' || (status !== 429 && $metadata?.httpStatusCode !== 429);
}
