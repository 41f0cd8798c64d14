/** Milliseconds that a service asks to be left alone, 0 if it did not. */
export function retryAfter(error: unknown): number {
  const response = (error as { $response?: { headers?: Record<string, string> } } | undefined)?.$response;
  return Number(response?.headers?.['retry-after']) * 1000 || 0;
}
