import { NormalizedSchema } from '@smithy/core/schema';

/** A value that is not of the type its member has. */
export class WrongShape extends Error {}

/** Deeper than any request is: what nests further would end the readers' recursion. */
const DEEPEST = 100;

/**
 * Throws {@link WrongShape} where a request's body is not as the operation's schema says: the SDK's readers take what
 * they find. Takes parsed JSON as well as what they made of XML.
 */
export function checkShape(schema: NormalizedSchema, value: unknown, at = '', depth = 0): void {
  if (depth > DEEPEST) {
    throw new WrongShape(`${at}: nested too deeply`);
  }
  for (const [of, part, name] of partsOf(schema, value, at)) {
    checkShape(of, part, `${at}/${name}`, depth + 1);
  }
}

type Part = readonly [schema: NormalizedSchema, value: unknown, name: string];

/** What a value consists of; nothing for one that is simple. */
function* partsOf(schema: NormalizedSchema, value: unknown, at: string): Generator<Part> {
  if (schema.isStructSchema()) {
    yield* membersOf(schema, isObject(value) ? value : mismatch(value, 'structure', at));
  } else if (schema.isListSchema()) {
    const entries = Array.isArray(value) ? value : mismatch(value, 'list', at);
    for (const [index, entry] of entries.entries()) {
      yield [schema.getValueSchema(), entry, String(index + 1)];
    }
  } else if (schema.isMapSchema()) {
    for (const [key, entry] of Object.entries(isObject(value) ? value : mismatch(value, 'map', at))) {
      yield [schema.getValueSchema(), entry, key];
    }
  } else if (!isSimple(schema, value)) {
    mismatch(value, typeOf(schema), at);
  }
}

function* membersOf(schema: NormalizedSchema, members: Record<string, unknown>): Generator<Part> {
  for (const [name, member] of schema.structIterator()) {
    const { jsonName = name } = member.getMergedTraits();
    const found = members[name] ?? members[jsonName];
    // Null stands for a member that is not there.
    if (found !== undefined && found !== null && !isBound(member)) {
      yield [member, found, name];
    }
  }
}

/** Names of the required members that are not there. */
export function missingMembers(schema: unknown, value: Record<string, unknown>): string[] {
  const input = NormalizedSchema.of(schema as never);
  // A structure's schema ends with the number of its required members, which come first.
  const { 6: required = 0 } = input.getSchema() as readonly unknown[] as { 6?: number };
  const names = [...input.structIterator()].slice(0, required).map(([name]) => name);
  return names.filter((name) => value[name] === undefined || value[name] === null);
}

/** A member that stands in path, query or headers, or is the body as it came. */
function isBound(member: NormalizedSchema): boolean {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpQueryParams, httpPayload } =
    member.getMergedTraits();
  const isBody = httpPayload && !member.isStructSchema();
  return [httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpQueryParams, isBody].some(Boolean);
}

function isSimple(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema()) {
    // JSON has no words of its own for these.
    const isWord = typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value);
    return isWord || typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value));
  }
  if (schema.isTimestampSchema()) {
    return value instanceof Date ? !Number.isNaN(value.getTime()) : /^(number|string)$/.test(typeof value);
  }
  if (schema.isBlobSchema()) {
    return typeof value === 'string' || value instanceof Uint8Array;
  }
  if (schema.isBooleanSchema()) {
    return typeof value === 'boolean';
  }
  return !schema.isStringSchema() || typeof value === 'string';
}

function typeOf(schema: NormalizedSchema): string {
  const kinds = { isNumericSchema: 'number', isTimestampSchema: 'timestamp', isBooleanSchema: 'Boolean' } as const;
  const found = Object.entries(kinds).find(([is]) => schema[is as keyof typeof kinds]());
  return found?.[1] ?? (schema.isBlobSchema() ? 'blob' : 'String');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(value: unknown, wanted: string, at: string): never {
  const found = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
  throw new WrongShape(`${found.toUpperCase()}_VALUE can not be converted to a ${wanted}: ${at || '/'}`);
}
