import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json';
import { HIGHEST_VERSION } from '../contract/bedrock-limits';
import { isDigest } from '../contract/digest-text';
import { RegistryError } from '../registry-error';

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
export interface LedgerRecord {
  readonly schema: 1;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  readonly prompt: string;
  readonly promptId: string;
  readonly alias: string;
  /** From 1, without gaps, per prompt and alias. */
  readonly sequence: number;
  readonly kind: ReleaseKind;
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
 * Reads a record's body: every field there and of its type, no other.
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
  checkFields(record, RECORD_FIELDS, 'a ledger record');
  return record as unknown as LedgerRecord;
}

type Check = (value: unknown, path: string) => boolean;

const text: Check = (value) => typeof value === 'string' && value !== '';
const textOrNull: Check = (value) => value === null || typeof value === 'string';
const version: Check = (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= HIGHEST_VERSION;

const VERSION_FIELDS: Record<keyof ReleasedVersion, Check> = { version, digest: isDigest, model: textOrNull };

const released: Check = (value, path) => value === null || checkFields(value, VERSION_FIELDS, path);

const RECORD_FIELDS: Record<keyof LedgerRecord, Check> = {
  schema: (value) => value === 1,
  registry: text,
  prompt: text,
  promptId: text,
  alias: text,
  sequence: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  kind: (value) => RELEASE_KINDS.some((kind) => kind === value),
  undo: (value) => typeof value === 'boolean',
  from: released,
  to: released,
  withdrawn: (value, path) => Array.isArray(value) && value.every((item) => version(item, path)),
  stackId: text,
  logicalId: text,
  requestId: text,
  operation: textOrNull,
  reason: textOrNull,
  time: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  previous: (value) => value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
};

function checkFields(value: unknown, fields: Record<string, Check>, path: string): true {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RegistryError('BadLedgerRecord', `${path} must be an object, found ${JSON.stringify(value)}`);
  }
  const found = value as Record<string, unknown>;
  for (const name of Object.keys(found)) {
    if (!Object.hasOwn(fields, name))
      throw new RegistryError('BadLedgerRecord', `${path} has an unknown field ${name}`);
  }
  for (const [name, check] of Object.entries(fields)) {
    if (!Object.hasOwn(found, name)) throw new RegistryError('BadLedgerRecord', `${path} lacks ${name}`);
    if (!check(found[name], `${path}: ${name}`)) {
      throw new RegistryError('BadLedgerRecord', `${path} has a bad ${name}: ${JSON.stringify(found[name])}`);
    }
  }
  return true;
}
