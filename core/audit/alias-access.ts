import type { LedgerRecord } from '../ledger/record';
import type { GuardrailTerms } from './guardrail-shape';
import type { AliasAccess } from './policy-shape';

export interface AliasAccessProps {
  readonly promptArn: string;
  readonly parameterArn: string;
  /** The alias's records, in any order. */
  readonly records: readonly Pick<LedgerRecord, 'from' | 'to' | 'rollout'>[];
  /** Versions that callers may use, as the ledger says. */
  readonly callable: readonly number[];
  /** Whether Bedrock holds a version; a release drops a version that it does not. */
  readonly isHeld: (version: number) => boolean;
  readonly keyArn?: string | null;
  /** As the stack's template says. */
  readonly guardrail: GuardrailTerms | null;
}

/** What the policies of an alias are to say, from its ledger. */
export function aliasAccess({ records, callable, isHeld, ...alias }: AliasAccessProps): AliasAccess {
  const released = records
    .flatMap(({ from, to, rollout }) => [from, to, rollout?.candidate])
    .flatMap((one) => one ?? []);
  const permitted = released.filter(({ version }) => callable.includes(version));
  return { ...alias, permitted, required: permitted.filter(({ version }) => isHeld(version)) };
}
