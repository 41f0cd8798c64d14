import { type Schema, Validator } from './schema-validator';

export type JsonSchema = Schema;

const TYPES = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] };
const SELF = { $ref: '#' };
const SCHEMAS = { type: 'array', minItems: 1, items: SELF };
const BY_NAME = { type: 'object', additionalProperties: SELF };
const TEXTS = { type: 'array', items: { type: 'string' } };
const SIZE = { type: 'integer', minimum: 0 };

/** What a schema is, in short: the meta-schema's keywords that say something, of drafts 7 to 2020-12. */
const META = {
  type: ['object', 'boolean'],
  properties: {
    $ref: { type: 'string', pattern: '^#' },
    type: { anyOf: [TYPES, { type: 'array', items: TYPES, minItems: 1 }] },
    properties: BY_NAME,
    patternProperties: BY_NAME,
    $defs: BY_NAME,
    definitions: BY_NAME,
    dependentSchemas: BY_NAME,
    additionalProperties: SELF,
    propertyNames: SELF,
    unevaluatedProperties: SELF,
    unevaluatedItems: SELF,
    contains: SELF,
    not: SELF,
    if: SELF,
    // biome-ignore lint/suspicious/noThenProperty: it is the keyword's name
    then: SELF,
    else: SELF,
    items: { anyOf: [SELF, { type: 'array', items: SELF }] },
    prefixItems: SCHEMAS,
    allOf: SCHEMAS,
    anyOf: SCHEMAS,
    oneOf: SCHEMAS,
    required: TEXTS,
    enum: { type: 'array' },
    minimum: { type: 'number' },
    maximum: { type: 'number' },
    exclusiveMinimum: { type: 'number' },
    exclusiveMaximum: { type: 'number' },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    minLength: SIZE,
    maxLength: SIZE,
    minItems: SIZE,
    maxItems: SIZE,
    minProperties: SIZE,
    maxProperties: SIZE,
    uniqueItems: { type: 'boolean' },
    pattern: { type: 'string', format: 'regex' },
    format: { type: 'string' },
  },
};

/** Keywords without which a schema takes everything. */
const SAYS_SOMETHING = [...Object.keys(META.properties), 'const'].filter(
  (name) => !['$defs', 'definitions'].includes(name),
);

/** Why a JSON object is no schema, or one that takes every answer; undefined where it is one. */
export function schemaProblem(schema: Record<string, unknown>): string | undefined {
  const { valid, errors } = new Validator(META as Schema, '2020-12').validate(schema);
  const { error, instanceLocation = '#' } = errors.at(-1) ?? {};
  if (!valid) return `${instanceLocation}: ${error}`;
  if (!SAYS_SOMETHING.some((name) => Object.hasOwn(schema, name))) return 'it has no keyword, so every JSON would pass';
  try {
    // Reads all of it: https://github.com/cfworker/cfworker/tree/main/packages/json-schema
    return unresolved(schema, schema);
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

/** The first reference that leads nowhere: it would only fail on the answer that reaches it. */
function unresolved(node: unknown, root: Record<string, unknown>): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  for (const [name, member] of Object.entries(node)) {
    if (name === '$ref' && typeof member === 'string' && !leadsSomewhere(member, root))
      return `$ref ${JSON.stringify(member)} leads nowhere; references stay within the file`;
    const found = unresolved(member, root);
    if (found) return found;
  }
  return undefined;
}

function leadsSomewhere(reference: string, root: Record<string, unknown>): boolean {
  if (!/^#(\/|$)/.test(reference)) return JSON.stringify(root).includes(`"${reference.slice(1)}"`);
  let at: unknown = root;
  for (const part of reference.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}
