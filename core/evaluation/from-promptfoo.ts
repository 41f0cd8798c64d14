import { parseDocument } from 'yaml';
import { RegistryError } from '../registry-error';
import type { Check } from './evaluation-suite';
import { type ForeignCases, foreignId, type LostPart } from './foreign-cases';

interface Assertion {
  readonly type?: string;
  readonly value?: unknown;
  readonly [field: string]: unknown;
}

interface Test {
  readonly description?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly assert?: readonly Assertion[];
  readonly [field: string]: unknown;
}

/** Assertions that are checks of ours. */
const CHECKS: Readonly<Record<string, (assertion: Assertion) => Check | undefined>> = {
  equals: ({ value }) => (typeof value === 'string' ? { check: 'equals', value } : undefined),
  contains: texts('contains-all'),
  icontains: texts('contains-all', true),
  'contains-all': texts('contains-all'),
  'icontains-all': texts('contains-all', true),
  'contains-any': texts('contains-any'),
  'icontains-any': texts('contains-any', true),
  'not-contains': texts('not-contains'),
  'not-icontains': texts('not-contains', true),
  'not-contains-any': texts('not-contains'),
  'not-icontains-any': texts('not-contains', true),
  regex: ({ value }) => (typeof value === 'string' ? { check: 'regex', value } : undefined),
  'is-json': ({ value }) => ({ check: 'json-schema', schema: value ?? ANY_JSON }),
  'is-refusal': () => ({ check: 'refusal', value: true }),
  'not-is-refusal': () => ({ check: 'refusal', value: false }),
};

const ANY_JSON = { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] };

/** Fields that change nothing that is compared. */
const WITHOUT_MEANING = ['description', 'vars', 'assert', 'metadata'];

/**
 * Cases from a promptfoo configuration, or its list of tests: YAML or JSON.
 *
 * @see https://www.promptfoo.dev/docs/configuration/expected-outputs/
 */
export function fromPromptfoo(source: string): ForeignCases {
  const document = parseDocument(source);
  const [mistake] = document.errors;
  if (mistake) throw new RegistryError('InvalidSuite', `expected YAML or JSON: ${mistake.message}`);
  const config = document.toJS() as unknown;
  const {
    tests = [],
    defaultTest = {},
    ...rest
  } = (Array.isArray(config) ? { tests: config } : Object(config)) as {
    tests?: unknown;
    defaultTest?: Test;
    scenarios?: unknown;
  };
  const lost: LostPart[] = [];
  if (!Array.isArray(tests)) lost.push({ where: 'tests', what: 'is a path', fix: 'give that file' });
  if (rest.scenarios) lost.push({ where: 'scenarios', what: 'are not read', fix: 'write them as tests' });
  const taken = new Set<string>();
  const list: readonly unknown[] = Array.isArray(tests) ? tests : [];
  const cases = list.map((found, index) => {
    const test = Object(found) as Test;
    const where = `tests[${index}]`;
    const vars = { ...Object(defaultTest.vars), ...Object(test.vars) } as Record<string, unknown>;
    const asserts = [...(defaultTest.assert ?? []), ...(test.assert ?? [])];
    for (const field of Object.keys(test).filter((name) => !WITHOUT_MEANING.includes(name)))
      lost.push({ where: `${where}.${field}`, what: 'has no counterpart', fix: 'leave it out' });
    const common = asserts.length - (test.assert?.length ?? 0);
    const placeOf = (at: number) => (at < common ? `defaultTest.assert[${at}]` : `${where}.assert[${at - common}]`);
    const checks = asserts.flatMap((assertion, at) => {
      const check = checkOf(filled(assertion, vars));
      if (check) return [check];
      const what = `${assertion.type ?? 'an assertion without a type'} is no check of one answer by its text`;
      lost.push({
        where: placeOf(at),
        what,
        fix: FIXES[assertion.type ?? ''] ?? 'write a check of your own',
      });
      return [];
    });
    for (const field of ['weight', 'threshold', 'metric']) {
      if (asserts.some((assertion) => assertion[field] !== undefined))
        lost.push({
          where: `${where}.assert`,
          what: `${field} counts for nothing: a case passes or does not`,
          fix: 'leave it out',
        });
    }
    const values = Object.entries(vars).map(([name, value]): [string, string] => {
      if (Array.isArray(value))
        lost.push({
          where: `${where}.vars.${name}`,
          what: 'a list stands for several tests',
          fix: 'write each as a case',
        });
      return [name, typeof value === 'string' ? value : JSON.stringify(value)];
    });
    const id = foreignId(test.description ?? `test-${index + 1}`, taken);
    return { id, variables: Object.fromEntries(values), ...(checks.length > 0 && { checks }) };
  });
  // What all tests share is lost once.
  return { cases, metrics: {}, lost: [...new Map(lost.map((one) => [`${one.where} ${one.what}`, one])).values()] };
}

const FIXES: Readonly<Record<string, string>> = {
  'llm-rubric': 'write a judge with your rubric, and controls',
  javascript: 'write a function',
  python: 'write a function',
  latency: 'it is shown, not judged',
  cost: 'tokens are shown, not judged',
};

function checkOf(assertion: Assertion): Check | undefined {
  // A path: what it holds is not known here.
  if (typeof assertion.value === 'string' && assertion.value.startsWith('file://')) return undefined;
  const make = Object.hasOwn(CHECKS, assertion.type ?? '') ? CHECKS[assertion.type ?? ''] : undefined;
  return make?.(assertion);
}

/** Values may name variables: `{{ticker}}`. */
function filled(assertion: Assertion, vars: Readonly<Record<string, unknown>>): Assertion {
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'string') return value;
    return value.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name) =>
      Object.hasOwn(vars, name) ? String(vars[name]) : whole,
    );
  };
  return { ...assertion, value: fill(assertion.value) };
}

function texts(check: string, ignoreCase?: true) {
  return ({ value }: Assertion): Check | undefined => {
    const list = [value].flat();
    if (list.length === 0 || list.some((one) => typeof one !== 'string' || one.trim() === '')) return undefined;
    return { check, value: list, ...(ignoreCase && { ignoreCase }) };
  };
}
