import { createHash } from 'node:crypto';
import { RegistryError } from '../registry-error';
import { canonicalJson } from './canonical-json';
import { CONTENT_FIELDS, type ContentField } from './content-fields';

/**
 * The content digest of a variant in the API's casing: `pd1:` and 64 hex digits, the same in every account and Region
 * and in both directions (predicted at synth, read back with `GetPrompt`).
 *
 * The variant's name and metadata do not count, nor does the order of keys or of input variables, and empty means
 * absent. `temperature` and `topP` count as the 32-bit floats that the API keeps: it answers 0.2 as
 * 0.20000000298023224.
 *
 * @throws RegistryError `UnknownContentField` with the path of a present field that this digest does not know: leaving
 * it out could give two contents one digest
 * @throws RegistryError `InvalidContentField` with the path of a value of the wrong type
 */
export function contentDigest(variant: unknown): string {
  const content = normalize(variant, CONTENT_FIELDS, '') ?? {};
  return `pd1:${createHash('sha256').update(canonicalJson(content)).digest('hex')}`;
}

/** The value as it counts, or undefined where it does not count. */
function normalize(value: unknown, field: ContentField, path: string): unknown {
  if (value === undefined || value === null || field === 'ignored') return undefined;
  if (typeof field === 'string') return normalizeValue(value, field, path);
  if ('list' in field) return normalizeList(value, field, path);
  if (typeof value !== 'object' || Array.isArray(value)) return refuse(value, 'an object', path);
  return normalizeFields(value as Record<string, unknown>, field.fields, path);
}

function normalizeValue(value: unknown, field: Exclude<ContentField & string, 'ignored'>, path: string): unknown {
  switch (field) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value, 'a string', path);
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(value, 'a boolean', path);
    case 'integer':
      return Number.isSafeInteger(value) ? value : refuse(value, 'a whole number', path);
    case 'float':
      return Number.isFinite(value) ? Math.fround(value as number) : refuse(value, 'a number', path);
    case 'document':
      return isEmpty(value) ? undefined : value;
    case 'marker':
      return {};
  }
}

function normalizeList(value: unknown, { list, set }: Extract<ContentField, { list: unknown }>, path: string) {
  if (!Array.isArray(value)) return refuse(value, 'a list', path);
  const items = value.map((item, index) => normalize(item, list, `${path}[${index}]`));
  const counted = items.filter((item) => item !== undefined);
  if (set) counted.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  return counted.length > 0 ? counted : undefined;
}

function normalizeFields(value: Record<string, unknown>, fields: Readonly<Record<string, ContentField>>, path: string) {
  const counted: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const memberPath = path ? `${path}.${name}` : name;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      // An empty object may be a union member that says something by being there, such as toolChoice.auto.
      if (member === undefined || member === null || (Array.isArray(member) && member.length === 0)) continue;
      throw new RegistryError(
        'UnknownContentField',
        `the variant holds ${memberPath}, which the content digest does not know; remove it, or update cdk-prompt-registry`,
      );
    }
    const normalized = normalize(member, field, memberPath);
    if (normalized !== undefined) counted[name] = normalized;
  }
  return Object.keys(counted).length > 0 ? counted : undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function refuse(value: unknown, expected: string, path: string): never {
  const found = Array.isArray(value) ? 'a list' : typeof value === 'number' ? String(value) : typeof value;
  throw new RegistryError('InvalidContentField', `${path || 'the variant'} must be ${expected}, found ${found}`);
}
