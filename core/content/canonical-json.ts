import { RegistryError } from '../registry-error';

/**
 * A value as canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. `undefined` members are left out.
 *
 * Our own, because the `canonicalize` package exports nothing that CommonJS can `require` (ADR 10); the
 * tests hold the two equal.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 * @throws RegistryError `NotJson` for anything JSON cannot represent: NaN, infinity, lone surrogates, functions, dates, …
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value);
      break;
    case 'string':
      if (!LONE_SURROGATE.test(value)) return JSON.stringify(value);
      break;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) {
        return `[${value.map((item, index) => write(item, `${path}[${index}]`)).join(',')}]`;
      }
      if (isPlainObject(value)) {
        const members = Object.keys(value)
          .sort()
          .filter((key) => value[key] !== undefined)
          .map((key) => `${write(key, path)}:${write(value[key], `${path}.${key}`)}`);
        return `{${members.join(',')}}`;
      }
  }
  const found =
    typeof value === 'number' ? String(value) : typeof value === 'string' ? 'an unpaired surrogate' : typeof value;
  throw new RegistryError('NotJson', `${path} contains ${found}, which JSON cannot represent`);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  // Objects from another realm (vitest, vm) have an Object.prototype of their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
