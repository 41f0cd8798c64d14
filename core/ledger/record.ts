import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';
import { RegistryError } from '../registry-error';
import {
  type Check,
  checkFields,
  flag,
  releasedOrNull,
  sequence,
  sha256OrNull,
  text,
  textOrNull,
  time,
  versions,
} from './field-checks';
import { KNOWN_FIELDS, REQUIRES, type SchemaTwoFields, unknownFeatures } from './record-schema-2';

export const RELEASE_KINDS = ['promote', 'rollback', 'withdraw', 'remove', 'abandon'] as const;

/**
 * What a record did: the version's number grew, fell, stayed while withdrawn versions changed, the alias went away, or
 * nothing moved and the record only takes a sequence number so that a late forward event cannot have it.
 */
export type ReleaseKind = (typeof RELEASE_KINDS)[number];

/** The version an alias points at. */
export interface ReleasedVersion {
  readonly version: number;
  /** Content digest, `pd1:…`. */
  readonly digest: string;
  /** Model id or ARN; null for a version without a model. */
  readonly model: string | null;
}

/** One release of one alias, as it stands in the ledger for good. */
export interface LedgerRecord extends Partial<SchemaTwoFields> {
  readonly schema: 1 | 2;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  readonly prompt: string;
  readonly promptId: string;
  readonly alias: string;
  /** From 1, without gaps, per prompt and alias. */
  readonly sequence: number;
  /** A {@link ReleaseKind}; schema 2 has `rollout` besides (the place stays, a rollout begins, is replaced or ends), and may bring others. */
  readonly kind: string;
  /** Written while the stack went back, or by the Delete of an unfinished Create. */
  readonly undo: boolean;
  /** Where the alias pointed before; null for nowhere. */
  readonly from: ReleasedVersion | null;
  /** Where it points from here on; null for nowhere. */
  readonly to: ReleasedVersion | null;
  /** Versions withdrawn from here on, ascending. */
  readonly withdrawn: readonly number[];
  readonly stackId: string;
  readonly logicalId: string;
  /** CloudFormation's id of the custom resource request. */
  readonly requestId: string;
  /** `ClientRequestToken` of the stack operation; null if none is known. */
  readonly operation: string | null;
  readonly reason: string | null;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** {@link recordDigest} of the record before; null in the first. */
  readonly previous: string | null;
}

/** The record as the body of its S3 object: canonical JSON (RFC 8785) and a newline. */
export function serializeRecord(record: LedgerRecord): string {
  return `${canonicalJson(record)}\n`;
}

/** SHA-256 of a record's body, in hex: what the next record carries as `previous`. */
export function recordDigest(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/**
 * Reads a record's body. Of schema 1: every field there and of its type, no other. Of schema 2: unknown fields are ignored,
 * and where it requires what is not known here, only what schema 1 has as well is taken from it.
 *
 * @throws RegistryError `BadLedgerRecord`
 */
export function parseRecord(body: string): LedgerRecord {
  let record: unknown;
  try {
    record = JSON.parse(body);
  } catch (cause) {
    throw new RegistryError('BadLedgerRecord', 'a ledger record must be JSON', { cause });
  }
  if ((record as { schema?: unknown } | null)?.schema === 2) return parseSchemaTwo(record);
  checkFields(record, RECORD_FIELDS, WHAT);
  return record as unknown as LedgerRecord;
}

function parseSchemaTwo(record: unknown): LedgerRecord {
  checkFields(record, { ...RECORD_FIELDS, ...SCHEMA_TWO, ...REQUIRES }, WHAT, 'ignored');
  const found = record as LedgerRecord;
  if (unknownFeatures(found).length === 0) {
    checkFields(record, KNOWN_FIELDS, WHAT, 'ignored');
    return found;
  }
  const { rollout, passed, ended, ...known } = found;
  return known;
}

const WHAT = 'a ledger record';

const RECORD_FIELDS: Record<Exclude<keyof LedgerRecord, keyof SchemaTwoFields>, Check> = {
  schema: (value) => value === 1,
  registry: text,
  prompt: text,
  promptId: text,
  alias: text,
  sequence,
  kind: (value) => RELEASE_KINDS.some((kind) => kind === value),
  undo: flag,
  from: releasedOrNull,
  to: releasedOrNull,
  withdrawn: versions,
  stackId: text,
  logicalId: text,
  requestId: text,
  operation: textOrNull,
  reason: textOrNull,
  time,
  previous: sha256OrNull,
};

/** The kind is a word for people; schema 2 may bring new ones. */
const SCHEMA_TWO: Pick<typeof RECORD_FIELDS, 'schema' | 'kind'> = {
  schema: (value) => value === 2,
  kind: (value) => typeof value === 'string' && /^[a-z]{1,20}$/.test(value),
};
