import { type Issue, tooBig, tooSmall, wrongFormat, wrongType } from './issue';
import { invalidRequest } from './refusal';

/** Each name's values, in the order they came in, decoded. */
export type Query = ReadonlyMap<string, readonly string[]>;

// zod 4's own, as it stands in its issues.
const DATE_TIME =
  /^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))T(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|([+-](?:[01]\d|2[0-3]):[0-5]\d)))$/;

/** Reads a query's fields one by one; what is wrong with them is refused together. */
export class QueryReader {
  private readonly issues: Issue[] = [];

  constructor(private readonly query: Query) {}

  text(name: string): string | undefined {
    const { values, value } = this.values(name);
    if (values.length > 1) this.issues.push(wrongType('string', values, [name]));
    return value;
  }

  /** An empty one is 0, as JavaScript has it. */
  integer(name: string, range?: { readonly min: number; readonly max?: number }): number | undefined {
    const { values, value } = this.values(name);
    if (value === undefined) return undefined;
    const number = values.length > 1 ? Number.NaN : Number(value);
    if (!Number.isFinite(number)) {
      const received = String(number);
      this.issues.push({ ...wrongType('number', number, [name]), received });
    } else if (!Number.isInteger(number)) {
      this.issues.push({ ...wrongType('int', number, [name]), format: 'safeint' });
    } else if (!Number.isSafeInteger(number)) {
      this.issues.push(beyondSafe(number, name));
    } else if (range && number < range.min) {
      this.issues.push(tooSmall('number', range.min, [name]));
    } else if (range?.max !== undefined && number > range.max) {
      this.issues.push(tooBig('number', range.max, [name]));
    }
    return number;
  }

  oneOf(name: string, options: readonly string[]): string | undefined {
    const { values, value } = this.values(name);
    if (value !== undefined && (values.length > 1 || !options.includes(value))) {
      const message = `Invalid option: expected one of ${options.map((option) => `"${option}"`).join('|')}`;
      this.issues.push({ code: 'invalid_value', values: options, path: [name], message });
    }
    return value;
  }

  /** Milliseconds. */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!DATE_TIME.test(value)) this.issues.push(wrongFormat('datetime', DATE_TIME, [name], 'Invalid ISO datetime'));
    return Date.parse(value);
  }

  require(name: string): string {
    const value = this.text(name);
    if (value === undefined) this.issues.push(wrongType('string', undefined, [name]));
    return value ?? '';
  }

  /** @throws Refusal where anything was wrong */
  done(): void {
    if (this.issues.length > 0) throw invalidRequest(this.issues);
  }

  private values(name: string) {
    const values = this.query.get(name) ?? [];
    return { values, value: values[0] };
  }
}

function beyondSafe(number: number, name: string): Issue {
  const [word, code, limit] =
    number > 0
      ? (['big', 'too_big', { maximum: Number.MAX_SAFE_INTEGER }] as const)
      : (['small', 'too_small', { minimum: Number.MIN_SAFE_INTEGER }] as const);
  const bound = number > 0 ? `<${Number.MAX_SAFE_INTEGER}` : `>${Number.MIN_SAFE_INTEGER}`;
  const note = 'Integers must be within the safe integer range.';
  return { code, ...limit, note, origin: 'int', path: [name], message: `Too ${word}: expected int to be ${bound}` };
}
