/** Where in the request, from its root. */
export type IssuePath = readonly (string | number)[];

/** One thing that is wrong with a request, in the shape of Langfuse's `error` arrays, which are zod 4's issues. */
export interface Issue {
  readonly code:
    | 'invalid_type'
    | 'invalid_value'
    | 'invalid_union'
    | 'too_small'
    | 'too_big'
    | 'invalid_format'
    | 'custom';
  readonly path: IssuePath;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export function wrongType(expected: string, value: unknown, path: IssuePath): Issue {
  return {
    expected,
    code: 'invalid_type',
    path,
    message: `Invalid input: expected ${expected}, received ${kind(value)}`,
  };
}

export function tooSmall(origin: string, minimum: number, path: IssuePath, message?: string): Issue {
  const said = message ?? `Too small: expected ${origin} to ${sized(origin, '>=', minimum)}`;
  return { origin, code: 'too_small', minimum, inclusive: true, path, message: said };
}

export function tooBig(origin: string, maximum: number, path: IssuePath): Issue {
  const message = `Too big: expected ${origin} to ${sized(origin, '<=', maximum)}`;
  return { origin, code: 'too_big', maximum, inclusive: true, path, message };
}

export function wrongFormat(format: string, pattern: RegExp, path: IssuePath, message: string): Issue {
  return { origin: 'string', code: 'invalid_format', format, pattern: String(pattern), path, message };
}

export function custom(path: IssuePath, message: string): Issue {
  return { code: 'custom', path, message };
}

function sized(origin: string, sign: string, size: number): string {
  return origin === 'string' ? `have ${sign}${size} characters` : `be ${sign}${size}`;
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isNaN(value) ? 'NaN' : typeof value;
}
