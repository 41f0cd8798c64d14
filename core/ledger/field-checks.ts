import { HIGHEST_VERSION } from '../contract/bedrock-limits';
import { isDigest } from '../contract/digest-text';
import { RegistryError } from '../registry-error';

/** Whether a value may stand in a field. Throws where it can say more than no. */
export type Check = (value: unknown, path: string) => boolean;

export const text: Check = (value) => typeof value === 'string' && value !== '';
export const textOrNull: Check = (value) => value === null || typeof value === 'string';
export const flag: Check = (value) => typeof value === 'boolean';
export const time: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
export const version: Check = (value) => whole(value, 1) && Number(value) <= HIGHEST_VERSION;
export const versions: Check = (value, path) => Array.isArray(value) && value.every((item) => version(item, path));
export const sequence: Check = (value) => whole(value, 1);
export const count: Check = (value) => whole(value, 0);
export const sha256: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
export const sha256OrNull: Check = (value, path) => value === null || sha256(value, path);
export const digestOrNull: Check = (value) => value === null || isDigest(value);

const RELEASED = { version, digest: isDigest, model: textOrNull };

/** A version that an alias points at, or null for nowhere. */
export const releasedOrNull: Check = (value, path) => value === null || released(value, path);
export const released: Check = (value, path) => checkFields(value, RELEASED, path);

function whole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

/**
 * Checks that every field is there and fits.
 *
 * @param others whether fields that are not listed may be there as well
 * @throws RegistryError `BadLedgerRecord`
 */
export function checkFields(
  value: unknown,
  fields: Record<string, Check>,
  path: string,
  others: 'refused' | 'ignored' = 'refused',
): true {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RegistryError('BadLedgerRecord', `${path} must be an object, found ${JSON.stringify(value)}`);
  }
  const found = value as Record<string, unknown>;
  for (const name of Object.keys(found)) {
    if (others === 'refused' && !Object.hasOwn(fields, name))
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
