import { recordDigest } from '../ledger/record';
import type { LedgerSurvey } from './ledger-survey';

/** Digest of each chain's newest record: noted elsewhere, it proves later that the chain was not shortened or rewritten. */
export function chainHeads({ chains }: LedgerSurvey) {
  return chains.map(({ promptId, alias, records, objects }) => {
    const sequence = Math.max(0, ...objects.keys());
    const body = objects.get(sequence)?.body;
    const newest = records.at(-1);
    return {
      prompt: newest?.prompt ?? promptId,
      promptId,
      alias,
      sequence,
      records: records.length,
      time: newest?.time ?? null,
      digest: body === undefined ? null : recordDigest(body),
    };
  });
}
