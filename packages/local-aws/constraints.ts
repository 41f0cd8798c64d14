import { AwsError } from './aws-error';

/** Collects what is wrong with an input and says it in the words of AWS's own front end. */
export class Constraints {
  private readonly found: { name: string; message: string }[] = [];

  required(value: unknown, at: string): void {
    if (value === undefined || value === null) {
      this.add(`Value at '${at}'`, at, 'Member must not be null');
    }
  }

  pattern(value: string | undefined, at: string, pattern: RegExp): void {
    if (value !== undefined && !pattern.test(value)) {
      const source = pattern.source.replace(/^\^(?:\(\?:)?|\)?\$$/g, '');
      this.add(`Value '${value}' at '${at}'`, at, `Member must satisfy regular expression pattern: ${source}`);
    }
  }

  oneOf(value: string | undefined, at: string, values: readonly string[]): void {
    if (value !== undefined && !values.includes(value)) {
      this.add(`Value '${value}' at '${at}'`, at, `Member must satisfy enum value set: [${values.join(', ')}]`);
    }
  }

  /** Length of a text, a list or a map. */
  length(value: string | readonly unknown[] | object | undefined, at: string, least: number, most: number): void {
    if (value === undefined) {
      return;
    }
    const length = typeof value === 'string' ? value.length : Object.keys(value).length;
    if (length < least) {
      this.add(`Value at '${at}'`, at, `Member must have length greater than or equal to ${least}`);
    } else if (length > most) {
      this.add(`Value at '${at}'`, at, `Member must have length less than or equal to ${most}`);
    }
  }

  range(value: number | undefined, at: string, least: number, most: number): void {
    if (value === undefined) {
      return;
    }
    if (value < least) {
      this.add(`Value '${value}' at '${at}'`, at, `Member must have value greater than or equal to ${least}`);
    } else if (value > most) {
      this.add(`Value '${value}' at '${at}'`, at, `Member must have value less than or equal to ${most}`);
    }
  }

  /** Throws ValidationException if anything was found. */
  check(): void {
    const { length } = this.found;
    if (length > 0) {
      const what = this.found.map(({ message }) => message).join('; ');
      const message = `${length} validation error${length > 1 ? 's' : ''} detected: ${what}`;
      throw new AwsError('ValidationException', 400, message, { fieldList: this.found });
    }
  }

  private add(subject: string, name: string, rule: string): void {
    this.found.push({ name, message: `${subject} failed to satisfy constraint: ${rule}` });
  }
}
