import { type Issue, type IssuePath, tooBig, tooSmall, wrongFormat, wrongType } from './issue';

/** What is wrong with a value; empty where nothing is. */
export type Check = (value: unknown, path: IssuePath) => readonly Issue[];

export function text(...rules: readonly Check[]): Check {
  return (value, path) =>
    typeof value === 'string' ? rules.flatMap((rule) => rule(value, path)) : [wrongType('string', value, path)];
}

export const boolean: Check = (value, path) => (typeof value === 'boolean' ? [] : [wrongType('boolean', value, path)]);

export const anything: Check = () => [];

export function atLeast(length: number, message?: string): Check {
  return (value, path) => (String(value).length >= length ? [] : [tooSmall('string', length, path, message)]);
}

export function atMost(length: number): Check {
  return (value, path) => (String(value).length <= length ? [] : [tooBig('string', length, path)]);
}

export function matches(pattern: RegExp, message: string): Check {
  return (value, path) => (pattern.test(String(value)) ? [] : [wrongFormat('regex', pattern, path, message)]);
}

export function literal(wanted: string): Check {
  return (value, path) => {
    const message = `Invalid input: expected "${wanted}"`;
    return value === wanted ? [] : [{ code: 'invalid_value', values: [wanted], path, message }];
  };
}

export function optional(check: Check): Check {
  return (value, path) => (value === undefined ? [] : check(value, path));
}

export function nullish(check: Check): Check {
  return (value, path) => (value === undefined || value === null ? [] : check(value, path));
}

export function list(element: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => element(item, [...path, index]))
      : [wrongType('array', value, path)];
}

export function fields(checks: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [wrongType('object', value, path)];
    const own = (name: string) => (Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined);
    return Object.entries(checks).flatMap(([name, check]) => check(own(name), [...path, name]));
  };
}

/**
 * One of several. Where a single one of them fits but for lengths and formats, its issues are the answer; else the
 * issues of all, from the value's own root.
 */
export function either(...checks: readonly Check[]): Check {
  return (value, path) => {
    const errors = checks.map((check) => check(value, []));
    if (errors.some((issues) => issues.length === 0)) return [];
    const near = errors.filter((issues) => !issues.some(isAnotherKind));
    if (near.length === 1) return (near[0] ?? []).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
    return [{ code: 'invalid_union', errors, path, message: 'Invalid input' }];
  };
}

function isAnotherKind({ code }: Issue): boolean {
  return code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union';
}
