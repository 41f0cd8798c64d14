import type { WaitingRequest, WaitingRequests } from './waiting-requests';

/** What `--json` says of requests: nothing where nobody asks, null where that may not be read. */
export interface RequestsField {
  readonly requests?: readonly WaitingRequest[] | null;
}

export function requestsField(
  { requests, notes }: WaitingRequests,
  isOwn: (request: WaitingRequest) => boolean,
): RequestsField {
  if (notes.length > 0) return { requests: null };
  const own = requests.filter(isOwn);
  return own.length > 0 ? { requests: own } : {};
}
