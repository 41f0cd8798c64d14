import { type VerifiedChain, verifyChain } from '../ledger/chain';
import { numberOfInvertedKey } from '../ledger/inverted-key';
import {
  type KeyKind,
  keyKind,
  ledgerPrefix,
  parseArchiveKey,
  parseClaimKey,
  parseReviewKey,
  parseStepKey,
  parseTagKey,
  type ReviewAddress,
  type StepAddress,
  type TagAddress,
} from '../ledger/layout';
import type { LedgerRecord } from '../ledger/record';
import { addToGroup } from './add-to-group';
import type { LedgerObject } from './evidence';

/** The chain of one alias with the objects it stands in. */
export interface SurveyedChain extends VerifiedChain {
  readonly promptId: string;
  readonly alias: string;
  /** By sequence number. */
  readonly objects: ReadonlyMap<number, LedgerObject>;
  /** Whether records are there that could not be read: then what is missing among those read proves nothing. */
  readonly unread: boolean;
}

export interface SurveyedArchive {
  readonly promptId: string;
  readonly version: number;
  readonly digest: string;
  readonly object: LedgerObject;
}

export interface SurveyedClaim {
  readonly digest: string;
  readonly after: number;
  readonly object: LedgerObject;
}

export interface SurveyedReview {
  readonly address: ReviewAddress;
  readonly object: LedgerObject;
}

export interface SurveyedStep {
  readonly address: StepAddress;
  readonly object: LedgerObject;
}

export interface SurveyedTag {
  readonly address: TagAddress;
  readonly object: LedgerObject;
}

export interface LedgerSurvey {
  readonly chains: readonly SurveyedChain[];
  readonly archives: readonly SurveyedArchive[];
  /** Claims by prompt id. */
  readonly claims: ReadonlyMap<string, readonly SurveyedClaim[]>;
  readonly reasons: readonly LedgerObject[];
  readonly reviews: readonly SurveyedReview[];
  readonly tags: readonly SurveyedTag[];
  /** Of all rollouts. */
  readonly steps: readonly SurveyedStep[];
}

/** Sorts a bucket's objects into chains, archived versions, claims, reasons, reviews, tags and steps of rollouts. */
export function surveyLedger(objects: readonly LedgerObject[]): LedgerSurvey {
  const aliases = new Map<string, LedgerObject[]>();
  const archives: SurveyedArchive[] = [];
  const claims = new Map<string, SurveyedClaim[]>();
  const reasons: LedgerObject[] = [];
  const reviews: SurveyedReview[] = [];
  const tags: SurveyedTag[] = [];
  const steps: SurveyedStep[] = [];
  const sort: Record<NonNullable<KeyKind>, (object: LedgerObject) => void> = {
    record: (object) => addToGroup(aliases, object.key.slice(0, object.key.lastIndexOf('/') + 1), object),
    archive: (object) => {
      const parsed = parseArchiveKey(object.key);
      if (parsed) archives.push({ ...parsed, object });
    },
    claim: (object) => {
      const { promptId, digest = '', after = 0 } = parseClaimKey(object.key) ?? {};
      if (promptId !== undefined) addToGroup(claims, promptId, { digest, after, object });
    },
    reason: (object) => reasons.push(object),
    review: (object) => addAddressed(reviews, parseReviewKey(object.key), object),
    tag: (object) => addAddressed(tags, parseTagKey(object.key), object),
    step: (object) => addAddressed(steps, parseStepKey(object.key), object),
  };
  for (const object of objects) {
    const kind = keyKind(object.key);
    if (kind !== null) sort[kind](object);
  }
  archives.sort((a, b) => a.promptId.localeCompare(b.promptId) || a.version - b.version);
  return { chains: [...aliases.values()].map(surveyChain), archives, claims, reasons, reviews, tags, steps };
}

function addAddressed<A>(
  list: { readonly address: A; readonly object: LedgerObject }[],
  address: A | undefined,
  object: LedgerObject,
): void {
  if (address !== undefined) list.push({ address, object });
}

function surveyChain(found: readonly LedgerObject[]): SurveyedChain {
  const [, promptId = '', alias = ''] = found[0]?.key.split('/') ?? [];
  const entries = found.flatMap(({ key, body }) => (body === undefined ? [] : [{ key, body }]));
  const { records, notes, findings: all } = verifyChain(entries);
  const byKey = new Map(found.map((object) => [object.key, object]));
  const prefix = ledgerPrefix(promptId, alias);
  const objects = new Map(
    [...byKey].map(([key, object]) => [numberOfInvertedKey(key.slice(prefix.length, -'.json'.length)), object]),
  );
  const isUnread = (sequence: number) => {
    const object = objects.get(sequence);
    return object !== undefined && !wasRead(object);
  };
  // A record that is there and may not be read leaves no gap.
  const findings = all.filter(({ problem, sequence }) => {
    let before = (sequence ?? 0) - 1;
    if (problem !== 'Gap' || !isUnread(before)) return true;
    while (isUnread(before)) before -= 1;
    return before > 0 && !objects.has(before);
  });
  return { promptId, alias, records, findings, notes, objects, unread: [...objects.keys()].some(isUnread) };
}

/** False for an object that is there and could not be read. */
export function wasRead(object: LedgerObject): boolean {
  return object.body !== undefined || readVersion(object) === undefined;
}

/** The version of an object that its body is of. */
export function readVersion({ versions }: LedgerObject) {
  return versions.find(({ marker }) => !marker);
}

/** Where a record put its alias: a version's number, or null for nowhere. */
export function place({ to }: Pick<LedgerRecord, 'to'>): number | null {
  return to?.version ?? null;
}
