import { AwsError, notImplemented } from '../aws-error';
import type { Series } from './metric-store';

/** What an expression can be: a number, a metric, or several metrics. */
export type MathValue = number | Series | readonly LabelledSeries[];

export interface LabelledSeries {
  readonly label: string;
  readonly series: Series;
}

/** What an expression is computed from. */
export interface MathSource {
  /** The beginnings of all periods that are asked for. */
  readonly times: readonly number[];
  value(id: string): MathValue;
  search(expression: string, stat: string, period: number | undefined): readonly LabelledSeries[];
}

type Operation = (a: number, b: number) => number;
const operations: Record<string, Operation> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};
const synonyms: Record<string, string> = { '&&': 'AND', '||': 'OR' };
/** From those that bind least to those that bind most. */
const LEVELS = [['OR'], ['AND'], ['<', '<=', '>', '>=', '==', '!='], ['+', '-'], ['*', '/']];
const TOKEN = /\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|'[^']*'|"[^"]*"|[A-Za-z_]\w*|<=|>=|==|!=|&&|\|\||[-+*/<>()[\],^])/y;

const folds: Record<string, (values: readonly number[]) => number> = {
  SUM: (values) => values.reduce((a, b) => a + b, 0),
  AVG: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};

/**
 * A metric math expression with arithmetic, comparisons, `AND`, `OR`, `IF`, `FILL` with a number, `SEARCH`, and `SUM`,
 * `AVG`, `MIN`, `MAX` over several metrics; another function answers 501 by name. A period in which a metric has no value
 * has none in what is computed from it, and so has one in which a divisor is 0.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function metricMath(expression: string, source: MathSource): MathValue {
  return new Expression(expression, source).value();
}

class Expression {
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly source: MathSource,
  ) {
    TOKEN.lastIndex = 0;
    for (let end = 0; text.slice(end).trim() !== ''; end = TOKEN.lastIndex) {
      const token = TOKEN.exec(text)?.[1];
      if (token === undefined) {
        throw this.invalid(`unexpected '${text.slice(end).trim()}'`);
      }
      this.tokens.push(synonyms[token] ?? token);
    }
  }

  value(): MathValue {
    const value = this.level(0);
    if (this.at < this.tokens.length) {
      throw this.invalid(`unexpected '${this.tokens[this.at]}'`);
    }
    return value;
  }

  private level(binding: number): MathValue {
    const operators = LEVELS[binding];
    if (!operators) {
      return this.unary();
    }
    let left = this.level(binding + 1);
    for (let sign = this.tokens[this.at] ?? ''; operators.includes(sign); sign = this.tokens[this.at] ?? '') {
      this.at += 1;
      left = this.combined(left, this.level(binding + 1), operations[sign] as Operation);
    }
    if (this.tokens[this.at] === '^') {
      throw notImplemented('the operator ^ of metric math');
    }
    return left;
  }

  private unary(): MathValue {
    if (this.tokens[this.at] === '-') {
      this.at += 1;
      return this.combined(0, this.unary(), (a, b) => a - b);
    }
    return this.primary();
  }

  private primary(): MathValue {
    const token = this.next();
    if (token === '(') {
      const inner = this.level(0);
      this.expect(')');
      return inner;
    }
    if (token === '[') {
      return this.list(']').flatMap((each) => this.several(each));
    }
    if (/^\d/.test(token)) {
      return Number(token);
    }
    if (!/^[A-Za-z]/.test(token)) {
      throw this.invalid(`unexpected '${token}'`);
    }
    return this.tokens[this.at] === '(' ? this.call(token) : this.source.value(token);
  }

  private call(name: string): MathValue {
    this.expect('(');
    if (name === 'SEARCH') {
      return this.search();
    }
    const parameters = this.list(')');
    const [first, second, third] = parameters;
    const fold = Object.hasOwn(folds, name) ? folds[name] : undefined;
    if (fold && first !== undefined && parameters.length === 1) {
      return folded(this.several(first), fold);
    }
    if (name === 'IF' && first !== undefined && second !== undefined && parameters.length <= 3) {
      return this.conditional(first, second, third);
    }
    if (name === 'FILL' && first instanceof Map && typeof second === 'number' && parameters.length === 2) {
      return new Map(this.source.times.map((time) => [time, first.get(time) ?? second]));
    }
    const isHere = fold !== undefined || name === 'IF' || name === 'FILL';
    throw isHere
      ? notImplemented(`${name} of metric math as in ${this.text}`)
      : notImplemented(`the function ${name} of metric math`);
  }

  private search(): MathValue {
    const expression = this.text_();
    this.expect(',');
    const stat = this.text_();
    const hasPeriod = this.tokens[this.at] === ',';
    const period = hasPeriod ? Number(this.tokens[this.at + 1]) : undefined;
    this.at += hasPeriod ? 2 : 0;
    this.expect(')');
    return this.source.search(expression, stat, period);
  }

  private list(end: string): MathValue[] {
    const values: MathValue[] = [];
    for (let more = this.tokens[this.at] !== end; more; more = this.tokens[this.at] === ',' && this.next() === ',') {
      values.push(this.level(0));
    }
    this.expect(end);
    return values;
  }

  private several(value: MathValue): readonly LabelledSeries[] {
    if (typeof value === 'number') {
      throw this.invalid('a number where metrics are expected');
    }
    return value instanceof Map ? [{ label: '', series: value }] : (value as readonly LabelledSeries[]);
  }

  private conditional(condition: MathValue, yes: MathValue, no: MathValue | undefined): MathValue {
    if (typeof condition === 'number') {
      return condition !== 0 ? yes : (no ?? new Map());
    }
    const chosen = [...this.one(condition)].flatMap(([time, value]) => {
      const branch = value !== 0 ? yes : no;
      const found = branch === undefined || typeof branch === 'number' ? branch : this.one(branch).get(time);
      return found === undefined ? [] : [[time, found] as const];
    });
    return new Map(chosen);
  }

  private combined(a: MathValue, b: MathValue, operation: Operation): MathValue {
    if (typeof a === 'number' && typeof b === 'number') {
      return operation(a, b);
    }
    const several = [a, b].filter((value) => Array.isArray(value));
    if (several.length === 1) {
      return this.several(several[0] as MathValue).map(({ label, series }) => {
        const combined = Array.isArray(a) ? this.combined(series, b, operation) : this.combined(a, series, operation);
        return { label, series: combined as Series };
      });
    }
    const of = (value: MathValue, time: number) => (typeof value === 'number' ? value : this.one(value).get(time));
    const times = [...this.one(typeof a === 'number' ? b : a).keys()];
    const values = times.map((time) => {
      const [left, right] = [of(a, time), of(b, time)];
      return [time, left === undefined || right === undefined ? Number.NaN : operation(left, right)] as const;
    });
    return new Map(values.filter(([, value]) => Number.isFinite(value)));
  }

  private one(value: MathValue): Series {
    if (value instanceof Map) {
      return value;
    }
    throw notImplemented(`metric math on several metrics at once, as in ${this.text}`);
  }

  private text_(): string {
    const token = this.next();
    if (!/^['"]/.test(token)) {
      throw this.invalid(`a text expected, found '${token}'`);
    }
    return token.slice(1, -1);
  }

  private next(): string {
    const token = this.tokens[this.at];
    if (token === undefined) {
      throw this.invalid('it ends too early');
    }
    this.at += 1;
    return token;
  }

  private expect(wanted: string): void {
    const token = this.next();
    if (token !== wanted) {
      throw this.invalid(`'${wanted}' expected, found '${token}'`);
    }
  }

  private invalid(why: string): AwsError {
    return new AwsError('ValidationException', 400, `Error in expression '${this.text}': ${why}`);
  }
}

/** Of a period in which some have no value the others count. */
function folded(all: readonly LabelledSeries[], fold: (values: readonly number[]) => number): Series {
  const times = [...new Set(all.flatMap(({ series }) => [...series.keys()]))].sort((a, b) => a - b);
  return new Map(times.map((time) => [time, fold(all.flatMap(({ series }) => series.get(time) ?? []))]));
}
