import type { AwsError } from '../aws-error';
import type { WireRequest, WireResponse } from './message';
import type { OperationSchema } from './operation-schema';
import type { Refusals } from './refusals';

/** The server's half of one of AWS's protocols. */
export interface WireProtocol {
  readonly refusals: Refusals;
  /** Which of `operations` the request names, or undefined. `labels` are the decoded parts of its path. */
  match(operations: Map<string, OperationSchema>, request: WireRequest): Match | undefined;
  /** What to say of a request that `match` knows nothing of. */
  unmatched(service: string, request: WireRequest): AwsError;
  read(match: Match, request: WireRequest): Promise<Record<string, unknown>>;
  write(schema: OperationSchema, output: object, requestId: string): Promise<WireResponse>;
  writeError(error: AwsError, requestId: string): WireResponse;
}

export interface Match {
  readonly schema: OperationSchema;
  readonly labels: Record<string, string>;
}
