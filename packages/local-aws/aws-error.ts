/** An error as a service answers it: its code, HTTP status and message; `members` are further fields of the error's shape. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = code;
  }
}

/** What this endpoint does not do it says by name: an empty success would let a wrong program pass. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', 501, `local-aws does not implement ${what}`);
}
