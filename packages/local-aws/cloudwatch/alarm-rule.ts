import { AwsError } from '../aws-error';
import type { AlarmState } from './missing-data';

type Rule = (stateOf: (alarm: string) => AlarmState) => boolean;

const TOKEN =
  /\s*(\(|\)|AND\b|OR\b|NOT\b|TRUE\b|FALSE\b|(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"[^"]+"|'[^']+'|[^()"'\s]+)\s*\))/y;
const TEST = /^(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*["']?(.*?)["']?\s*\)$/s;

/**
 * The rule of a composite alarm: `ALARM(…)`, `OK(…)` and `INSUFFICIENT_DATA(…)` of alarms by name or ARN, joined by `AND`,
 * `OR`, `NOT` and parentheses. Throws ValidationException.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export class AlarmRule {
  /** The alarms that are named. */
  readonly alarms: readonly string[];
  private readonly tokens: string[] = [];
  private readonly rule: Rule;
  private at = 0;

  constructor(readonly text: string) {
    TOKEN.lastIndex = 0;
    for (let end = 0; text.slice(end).trim() !== ''; end = TOKEN.lastIndex) {
      const token = TOKEN.exec(text)?.[1];
      if (token === undefined) {
        throw this.invalid();
      }
      this.tokens.push(token);
    }
    this.rule = this.either();
    if (this.at < this.tokens.length) {
      throw this.invalid();
    }
    this.alarms = this.tokens.flatMap((token) => TEST.exec(token)?.[2] ?? []);
  }

  holds(stateOf: (alarm: string) => AlarmState): boolean {
    return this.rule(stateOf);
  }

  private either(): Rule {
    const rules = [this.both()];
    while (this.took('OR')) rules.push(this.both());
    return (stateOf) => rules.some((rule) => rule(stateOf));
  }

  private both(): Rule {
    const rules = [this.not()];
    while (this.took('AND')) rules.push(this.not());
    return (stateOf) => rules.every((rule) => rule(stateOf));
  }

  private not(): Rule {
    if (!this.took('NOT')) return this.primary();
    const rule = this.not();
    return (stateOf) => !rule(stateOf);
  }

  private primary(): Rule {
    if (this.took('(')) {
      const rule = this.either();
      if (!this.took(')')) throw this.invalid();
      return rule;
    }
    const token = this.tokens[this.at] ?? '';
    this.at += 1;
    if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
    const [, state, alarm = ''] = TEST.exec(token) ?? [];
    if (state === undefined) throw this.invalid();
    return (stateOf) => stateOf(alarm) === state;
  }

  private took(token: string): boolean {
    const isNext = this.tokens[this.at] === token;
    this.at += isNext ? 1 : 0;
    return isNext;
  }

  private invalid(): AwsError {
    return new AwsError('ValidationException', 400, `AlarmRule must not contain syntax errors: ${this.text}`);
  }
}
