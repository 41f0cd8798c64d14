/**
 * What a failed call to AWS says.
 *
 * `refused` and `gone` are answers: what was asked for may not be used. `outage` says nothing about it.
 */
export type Failure = 'refused' | 'gone' | 'outage';

/**
 * 4xx that pass: throttling under its many names, a reply that is no JSON, and credentials that expired or could not be
 * proved, which says nothing about what they allow.
 */
const TRANSIENT = /throttl|toomany|limit|slow|time|expired|unrecog|token|signature|syntax/i;

export function failureOf(error: unknown): Failure {
  const { name = '', $metadata } = (error ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (/^(Parameter|Resource)\w*NotFound/.test(name)) return 'gone';
  const status = $metadata?.httpStatusCode ?? 0;
  // Any other 4xx is our mistake or a refusal by another name: serving an old version would hide it.
  const isTransient = status < 400 || status >= 500 || /4(04|08|25|29)/.test(`${status}`) || TRANSIENT.test(name);
  return isTransient ? 'outage' : 'refused';
}

/** Milliseconds that the service asks to be left alone, 0 if it did not. */
export function retryAfter(error: unknown): number {
  const response = (error as { $response?: { headers?: Record<string, string> } } | undefined)?.$response;
  return Number(response?.headers?.['retry-after']) * 1000 || 0;
}
