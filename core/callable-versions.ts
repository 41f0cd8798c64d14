import type { LedgerRecord } from './ledger-record';

export interface CallableVersionsProps {
  /** Where the alias is to point; null for nowhere. */
  readonly target: number | null;
  /** The alias's records, newest first; may stop before the oldest. */
  readonly history: readonly Pick<LedgerRecord, 'from' | 'to' | 'undo'>[];
  /** How many versions may be callable at once, the target and the withdrawn ones included. */
  readonly size: number;
  readonly withdrawn: readonly number[];
}

/**
 * The versions that an alias's callers may use: the target first, then those it pointed at just before, newest first,
 * each once; at most `size`, and of those not the withdrawn ones. Withdrawing only closes: a version that had left the
 * set long ago does not come back into it in place of a withdrawn one.
 *
 * A release that was undone does not count: a version whose release failed never becomes callable by history.
 */
export function callableVersions({ target, history, size, withdrawn }: CallableVersionsProps): number[] {
  const versions = [target, ...standings(history)].filter((version) => version !== null);
  return [...new Set(versions)].slice(0, size).filter((version) => !withdrawn.includes(version));
}

/** Where the alias stood, newest first, as if undone releases had never been. */
function standings(history: CallableVersionsProps['history']): (number | null)[] {
  const stack: (number | null)[] = [history.at(-1)?.from?.version ?? null];
  for (const { from, to, undo } of [...history].reverse()) {
    const version = to?.version ?? null;
    if (version === (from?.version ?? null)) continue;
    if (undo) stack.pop();
    if (stack.at(-1) !== version) stack.push(version);
  }
  return stack.reverse();
}
