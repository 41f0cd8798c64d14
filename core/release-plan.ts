import type { LedgerRecord } from './ledger-record';
import type { VersionTarget } from './version-target';

export interface ReleasePlanProps {
  readonly promptName: string;
  readonly aliasName: string;
  readonly target: VersionTarget;
  /** Name of the stack parameter that carries the target, if one does; named in errors. */
  readonly parameterId?: string;
  /** The versions that exist; digest null where it is not known. */
  readonly versions: readonly { readonly version: number; readonly digest: string | null }[];
  /** Newest record of the alias's ledger; null if there is none. */
  readonly head: LedgerRecord | null;
  /** The alias's records, newest first, the head included. */
  readonly history: readonly LedgerRecord[];
  /** How many versions may be callable at once. */
  readonly callable: number;
  readonly withdrawn: readonly number[];
  /** Whether the stack is rolling back: then nothing is refused. */
  readonly goingBack: boolean;
}

export interface ReleasePlan {
  readonly version: number | null;
  readonly revision: number;
  readonly callable: number[];
}

export function planRelease(_props: ReleasePlanProps): ReleasePlan {
  throw new Error('not written yet');
}
