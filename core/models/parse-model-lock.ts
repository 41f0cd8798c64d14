import { RegistryError } from '../registry-error';
import type { ModelLock } from './model-lock';

/** Undefined where the value is as it should be, else what was expected and found. */
type Check = (value: unknown, path: string) => string | undefined;

/**
 * Reads `models.lock.json`. A field that this package does not know is an error: a misspelt price would be no price.
 *
 * @param where the file's path, for messages
 * @throws RegistryError `InvalidModelLock`
 */
export function parseModelLock(text: string, where: string): ModelLock {
  const problem = (found: string) => {
    const fix = 'correct it, or write the file anew with prompt-registry models refresh';
    return new RegistryError('InvalidModelLock', `${where}: ${found}: ${fix}`);
  };
  let lock: unknown;
  try {
    lock = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw problem(`expected JSON, found ${(error as Error).message}`);
  }
  const { schema } = (lock ?? {}) as { schema?: unknown };
  if (schema !== undefined && schema !== 1) {
    throw problem(`expected schema 1, found ${JSON.stringify(schema)}, which a newer cdk-prompt-registry wrote`);
  }
  const found = LOCK(lock, '');
  if (found !== undefined) throw problem(found);
  return lock as ModelLock;
}

const text: Check = (value, path) =>
  typeof value === 'string' && value !== '' ? undefined : wrong(path, 'a text', value);
const flag: Check = (value, path) => (typeof value === 'boolean' ? undefined : wrong(path, 'true or false', value));
const dollars: Check = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? undefined
    : wrong(path, 'US dollars for a million tokens', value);
const moment: Check = (value, path) =>
  typeof value === 'string' && isMoment(value) ? undefined : wrong(path, 'a day such as 2027-03-01', value);

const PRICE = fields({ in: dollars, out: dollars, asOf: moment }, { cacheRead: dollars, cacheWrite: dollars });
const MODEL = fields(
  { status: oneOf('ACTIVE', 'LEGACY', 'ENDED') },
  {
    provider: text,
    start: moment,
    legacy: moment,
    extended: moment,
    end: moment,
    onDemand: flag,
    text: flag,
    streaming: flag,
    successor: text,
    price: PRICE,
  },
);
const PROFILE = fields({ model: text, regions: listOf(text) }, { price: PRICE });
const REGION = fields({ read: moment, models: mapOf(MODEL), profiles: mapOf(PROFILE) });
const LOCK = fields({ schema: oneOf(1), regions: mapOf(REGION) });

function isMoment(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(value)) return false;
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value.slice(0, 10));
}

function fields(needed: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const known: Record<string, Check> = { ...needed, ...optional };
  return (value, path) => {
    if (!isObject(value)) return wrong(path, 'an object', value);
    const missing = Object.keys(needed).find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `expected ${missing} in ${path || 'the file'}, found none`;
    return firstProblem(value, (name, member) => {
      const check = Object.hasOwn(known, name) ? known[name] : undefined;
      return check
        ? check(member, `${path}.${name}`)
        : `expected ${Object.keys(known).join(', ')} in ${path || 'the file'}, found ${JSON.stringify(name)}`;
    });
  };
}

function mapOf(check: Check): Check {
  return (value, path) =>
    isObject(value)
      ? firstProblem(value, (name, member) => check(member, `${path}[${JSON.stringify(name)}]`))
      : wrong(path, 'an object', value);
}

function listOf(check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? firstProblem(value, (index, item) => check(item, `${path}[${index}]`))
      : wrong(path, 'a list', value);
}

function oneOf(...allowed: readonly unknown[]): Check {
  return (value, path) => (allowed.includes(value) ? undefined : wrong(path, allowed.join(' or '), value));
}

function firstProblem(value: object, problem: (name: string, member: unknown) => string | undefined) {
  for (const [name, member] of Object.entries(value)) {
    const found = problem(name, member);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(path: string, expected: string, found: unknown): string {
  return `expected ${expected} at ${path || 'the top'}, found ${JSON.stringify(found)}`;
}
