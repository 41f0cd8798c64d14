import type { Issue } from './issue';

const STATUS = {
  InvalidRequestError: 400,
  UnauthorizedError: 401,
  ForbiddenError: 403,
  LangfuseNotFoundError: 404,
  MethodNotAllowedError: 405,
  LangfuseConflictError: 409,
  PayloadTooLargeError: 413,
  TooManyRequestsError: 429,
  ServiceUnavailableError: 503,
} as const;

export type RefusalName = keyof typeof STATUS;

/** An answer that is no prompt, as Langfuse words it: `{ message, error }`. */
export class Refusal extends Error {
  readonly status: number;

  /** @param detail the `error` field: the name of the error, or what is wrong with each field */
  constructor(
    name: RefusalName,
    message: string,
    readonly detail: string | readonly Issue[] = name,
  ) {
    super(message);
    this.name = name;
    this.status = STATUS[name];
  }
}

export function invalidRequest(issues: readonly Issue[]): Refusal {
  return new Refusal('InvalidRequestError', 'Invalid request data', issues);
}
