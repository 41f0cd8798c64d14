/** A chapter came out otherwise than it says. */
export class Unexpected extends Error {
  constructor(what: string, expected: unknown, seen: unknown, detail = '') {
    super(`${what}\n  expected  ${show(expected)}\n  seen      ${show(seen)}${detail && `\n\n${detail}`}`);
    this.name = 'Unexpected';
  }
}

/** Compares by value; `detail` is what a reader needs to find the cause. */
export function expectSame(what: string, seen: unknown, expected: unknown, detail?: string): void {
  if (show(seen) !== show(expected)) {
    throw new Unexpected(what, expected, seen, detail);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
