import { ExitCode } from './exit-code';

export interface CliErrorParts {
  /** What happened. */
  readonly what: string;
  /** Why; left out where `what` says it. */
  readonly why?: string;
  /** What to do now: sentences or commands, one per line. */
  readonly fix?: string | readonly string[];
}

/** An end of the command that it explains itself: what, why, what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly why: string | undefined;
  readonly fix: readonly string[];

  constructor(
    { what, why, fix = [] }: CliErrorParts,
    readonly exitCode: ExitCode = ExitCode.Failed,
    options?: { readonly cause?: unknown },
  ) {
    super(what, options);
    this.why = why;
    this.fix = typeof fix === 'string' ? [fix] : fix;
  }
}

/** A wrong command line. */
export function usageError(what: string, fix: string): CliError {
  return new CliError({ what, fix }, ExitCode.Usage);
}
