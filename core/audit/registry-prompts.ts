import type { AuditEvidence } from './evidence';
import { type LedgerSurvey, readVersion } from './ledger-survey';
import { promptOf } from './prompt-event';
import type { TrailEvent } from './trail-event';

/** Ids of the prompts that the registry knows, by its ledger, its parameters or Bedrock. */
export function registryPrompts({ chains, archives }: LedgerSurvey, { held, parameters = [] }: AuditEvidence) {
  return new Set(
    [...chains, ...archives, ...parameters].map(({ promptId }) => promptId).concat([...(held?.keys() ?? [])]),
  );
}

/** A prompt that was adopted is its owner's: a note, until the registry itself publishes its versions. */
export function levelOf(event: TrailEvent, { archives, claims }: LedgerSurvey): { level?: 'note' } {
  const promptId = promptOf(event) ?? '';
  const own = [...archives.filter((one) => one.promptId === promptId), ...(claims.get(promptId) ?? [])];
  const isPublished = own.some(({ object }) => Date.parse(readVersion(object)?.time ?? '') <= Date.parse(event.time));
  return isPublished ? {} : { level: 'note' };
}
