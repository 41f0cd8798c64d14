import { CONTENT_FIELDS, type ContentField } from './content-fields';

/** Stands for the free JSON of a content that is declared whole, because only the deployment knows it. */
export const FREE_JSON_IN_CONTENT = 'in Content';

/**
 * The free JSON of a variant in the API's casing (tool schemas, `additionalModelRequestFields`), in a fixed order.
 * Empty documents do not count, as in the content digest.
 */
export function freeJsonOf(variant: unknown): unknown[] {
  const documents: unknown[] = [];
  mapDocuments(variant, CONTENT_FIELDS, (document) => {
    documents.push(document);
    return document;
  });
  return documents;
}

/** The variant with other documents in the places of its free JSON; undefined where it has more or fewer places. */
export function withFreeJson(variant: unknown, documents: readonly unknown[]): unknown {
  const left = [...documents];
  let missing = false;
  const changed = mapDocuments(variant, CONTENT_FIELDS, () => {
    missing ||= left.length === 0;
    return left.shift();
  });
  return missing || left.length > 0 ? undefined : changed;
}

/** True where a document holds a number or a boolean: what CloudFormation may hand on as a text. */
export function holdsTypedValue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'number' || typeof value === 'boolean';
  return Object.values(value).some(holdsTypedValue);
}

/** True where a document holds a text that may have been a number or a boolean. */
export function holdsTextOfType(value: unknown): boolean {
  if (typeof value === 'string') return value === 'true' || value === 'false' || NUMBER.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsTextOfType);
}

/** True where `found` is `declared`, but for numbers and booleans that have become texts of the same value. */
export function sameButForTypes(found: unknown, declared: unknown): boolean {
  if (typeof declared !== 'object' || declared === null) return found === declared || isTextOf(found, declared);
  if (typeof found !== 'object' || found === null || Array.isArray(found) !== Array.isArray(declared)) return false;
  const names = Object.keys(declared);
  return (
    names.length === Object.keys(found).length &&
    names.every(
      (name) =>
        Object.hasOwn(found, name) &&
        sameButForTypes((found as Record<string, unknown>)[name], (declared as Record<string, unknown>)[name]),
    )
  );
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * `"300"`, `"300.0"`, and `"1.0E21"` as Java writes it, are texts of a number. Digits beyond those that a double keeps are
 * nobody's rendering of it: somebody wrote another number.
 */
function isTextOf(found: unknown, declared: unknown): boolean {
  if (typeof found !== 'string') return false;
  if (typeof declared === 'boolean') return found === String(declared);
  if (typeof declared !== 'number' || !NUMBER.test(found) || Number(found) !== declared) return false;
  const isInteger = !/[.e]/i.test(found);
  return isInteger ? isSameInteger(found, declared) : significantDigits(found).length <= DOUBLE_DIGITS;
}

/** The shortest digits that tell a double from its neighbours are never more: ECMAScript, Java and Python write those. */
const DOUBLE_DIGITS = 17;

/** All its digits, or those that JSON writes and zeros, as a BigDecimal is written. */
function isSameInteger(found: string, declared: number): boolean {
  return BigInt(found) === BigInt(declared) || significantDigits(found) === significantDigits(String(declared));
}

function significantDigits(text: string): string {
  const digits = text.replace(/e.*$/i, '').replace(/[^\d]/g, '');
  return digits.replace(/^0+|0+$/g, '');
}

function mapDocuments(value: unknown, field: ContentField, change: (document: unknown) => unknown): unknown {
  if (value === undefined || value === null) return value;
  if (field === 'document') return isEmpty(value) ? value : change(value);
  if (typeof field === 'string' || typeof value !== 'object') return value;
  if ('list' in field) {
    return Array.isArray(value) ? value.map((item) => mapDocuments(item, field.list, change)) : value;
  }
  const mapped: Record<string, unknown> = { ...value };
  // In the order of the fields, not of the members, which is the writer's.
  for (const [name, member] of Object.entries(field.fields)) {
    if (Object.hasOwn(mapped, name)) mapped[name] = mapDocuments(mapped[name], member, change);
  }
  return mapped;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
