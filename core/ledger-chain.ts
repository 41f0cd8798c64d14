import type { LedgerRecord } from './ledger-record';

export interface ChainFinding {
  readonly key: string;
  readonly sequence: number | null;
  readonly problem: string;
  readonly message: string;
}
export interface VerifiedChain {
  readonly records: LedgerRecord[];
  readonly findings: ChainFinding[];
}

export function verifyChain(
  _entries: readonly { readonly key: string; readonly body: string }[],
  _known?: ReadonlyMap<number, string>,
): VerifiedChain {
  throw new Error('not written yet');
}
