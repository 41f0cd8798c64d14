import type { Credentials } from '../iam/principal';

/** A stack's operation, as the stack and those who ask about it see it. */
export interface RunningOperation {
  readonly id: string;
  /** The caller's `ClientRequestToken`. */
  readonly token: string | undefined;
  cancel(): void;
  /** Takes the rollback that failed up again. */
  continueRollback(skip: readonly string[], credentials: Credentials, token: string | undefined): Promise<void>;
}
