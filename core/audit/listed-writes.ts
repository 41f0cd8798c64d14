import type { AuditEvidence, ParameterWrite } from './evidence';

/**
 * The writes that the ledger's listing can tell about. It was listed first: of what was written since, the record or the step
 * may have come since as well.
 */
export function listedWrites(
  writes: readonly ParameterWrite[] | null,
  { now }: Pick<AuditEvidence, 'now'>,
): readonly ParameterWrite[] {
  return (writes ?? []).filter(({ time }) => Date.parse(time) <= Date.parse(now));
}
