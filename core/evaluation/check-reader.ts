import type { CheckKind, Setting } from './check-kind';
import { CHECK_KINDS, checkKind } from './checks';
import type { JudgeControl } from './checks/judge';
import { type Check, casesOf, checksOf, type EvaluationCase, type EvaluationSuite } from './evaluation-suite';
import { jsonLines } from './json-lines';
import type { SuiteFiles } from './suite-files';
import type { SuiteProblems } from './suite-problems';
import { wantedBy } from './wanted-by';

/** Reads checks, of metrics and of cases, and the files that they name. */
export class CheckReader {
  constructor(
    private readonly files: SuiteFiles,
    private readonly problems: SuiteProblems,
  ) {}

  /**
   * A check; undefined, and problems, where it is none.
   *
   * @param lineOf a setting, or `check` for the check itself
   */
  read(
    found: unknown,
    path: string,
    lineOf: (setting: string) => number,
    of: 'metric' | 'case' = 'metric',
  ): Check | undefined {
    const refuse = (setting: string, message: string) => this.problems.add(path, lineOf(setting), message);
    if (typeof found !== 'object' || found === null || Array.isArray(found)) {
      refuse('check', 'expected a check such as { check: equals, of: expected }');
      return undefined;
    }
    const fields = found as Record<string, unknown>;
    const kind = checkKind(fields.check);
    if (!kind) {
      const names = CHECK_KINDS.map(({ name }) => name).join(', ');
      refuse('check', `there is no check ${JSON.stringify(fields.check) ?? 'without a name'}: there are ${names}`);
      return undefined;
    }
    if (of === 'case' && !kind.complaint) {
      refuse('check', `${kind.name} is a check of metrics: name it in the suite, and limit it with only`);
      return undefined;
    }
    this.readWant(kind, fields, refuse);
    const settings = Object.entries(kind.settings ?? {});
    const known = ['check', ...(kind.wants ? ['of', 'value'] : []), ...settings.map(([setting]) => setting)];
    for (const name of Object.keys(fields).filter((one) => !known.includes(one)))
      refuse(name, `${kind.name} has no ${name}: it has ${known.slice(1).join(', ')}`);
    const read = settings.flatMap(([name, setting]) =>
      this.readSetting({ kind, name, setting, value: fields[name], line: lineOf(name) }, (message) =>
        refuse(name, message),
      ),
    );
    if (kind.name === 'max-length' && read.length === 0) refuse('check', 'max-length needs words or characters');
    const { of: source, value } = fields;
    return {
      check: kind.name,
      ...(source !== undefined && { of: source as string }),
      ...(value !== undefined && { value }),
      ...Object.fromEntries(read),
    };
  }

  /** Whether each case holds what the metrics compare with: without it the check would be about nothing. */
  checkWanted(
    suite: EvaluationSuite,
    { path, lineOf, places }: { path: string; lineOf: (metric: string) => number; places: ReadonlyMap<string, string> },
  ): void {
    for (const { name, check, only } of suite.metrics) {
      const cases = casesOf(suite, name);
      if (cases.length === 0)
        this.problems.add(
          path,
          lineOf(name),
          `no case has the tag ${only?.join(' or ')} of metric ${name}: correct it`,
        );
      for (const one of cases) this.checkCase(one, check, `metric ${name}`, places);
    }
    for (const one of suite.cases)
      for (const check of one.checks ?? []) this.checkCase(one, check, check.check, places);
    // A critical one that nothing judges would pass by accident; others may be there for their answers.
    const without = suite.cases.find(
      (one) => (one.critical || suite.metrics.length === 0) && checksOf(suite, one).length === 0,
    );
    if (without)
      this.problemAt(
        places.get(without.id),
        `nothing judges ${without.id}: add metrics to ${path}, or checks to the case`,
      );
  }

  private checkCase(one: EvaluationCase, check: Check, who: string, places: ReadonlyMap<string, string>): void {
    const { wants, isWantOptional } = checkKind(check.check) as CheckKind;
    if (!wants || check.of === undefined) return;
    const value = wantedBy(check, one);
    if (value === undefined && isWantOptional) return;
    if (wants.isIt(value)) return;
    const found = value === undefined ? 'there is none' : `found ${JSON.stringify(value)}`;
    const fix = value === undefined ? '; add it, or limit the metric with only' : '';
    this.problemAt(places.get(one.id), `${who} expects ${wants.words} in ${check.of} of ${one.id}, ${found}${fix}`);
  }

  private problemAt(place = ':1', message: string): void {
    const [, path = '', line = '1'] = /^(.*):(\d+)$/.exec(place) ?? [];
    this.problems.add(path, Number(line), message);
  }

  private readWant(
    kind: CheckKind<never>,
    fields: Record<string, unknown>,
    refuse: (setting: string, message: string) => void,
  ): void {
    const { wants, isWantOptional } = kind;
    if (!wants) return;
    const { of: source, value } = fields;
    if (source !== undefined && value !== undefined) refuse('of', `${kind.name} has of and value: keep one of them`);
    else if (source === undefined && value === undefined) {
      if (!isWantOptional)
        refuse('check', `${kind.name} needs what to compare with: of: expected.…, a path into the case, or value: …`);
    } else if (source !== undefined) {
      if (typeof source !== 'string' || !/^(expected|variables)(\.[^.]+)*$/.test(source))
        refuse(
          'of',
          `of is a path into the case that begins with expected or variables, found ${JSON.stringify(source)}`,
        );
    } else if (!wants.isIt(value))
      refuse('value', `value of ${kind.name}: expected ${wants.words}, found ${JSON.stringify(value)}`);
  }

  private readSetting(
    {
      kind,
      name,
      setting,
      value,
      line,
    }: { kind: CheckKind<never>; name: string; setting: Setting; value: unknown; line: number },
    refuse: (message: string) => void,
  ): [string, unknown][] {
    if (value === undefined) {
      if (setting.required) refuse(`${kind.name} needs ${name}: ${setting.words}`);
      return [];
    }
    const read = typeof value === 'string' && setting.file ? this.readFile(setting.file, value, line) : value;
    if (read === undefined) return [];
    if (!setting.isIt(read)) {
      refuse(`${name} of ${kind.name}: expected ${setting.words}, found ${JSON.stringify(read)?.slice(0, 100)}`);
      return [];
    }
    const problem = setting.problem?.(read as never);
    if (problem) refuse(`${name} of ${kind.name}: ${problem}`);
    // What a function decides by is its code.
    const code = setting.file === 'code' ? this.files.digest(this.files.resolve(value as string), line) : undefined;
    return [[name, read], ...(code === undefined ? [] : [['code', code] as [string, unknown]])];
  }

  /** What stands in a file; undefined, and a problem, where it cannot be read. */
  private readFile(as: NonNullable<Setting['file']>, named: string, line: number): unknown {
    if (as === 'code') return named;
    if (as === 'text' && named.includes('\n')) return named.trim();
    const path = this.files.resolve(named);
    const text = this.files.text(path, line);
    if (text === undefined) return undefined;
    if (as === 'text') return text.trim();
    if (as === 'controls') return this.readControls(text, path);
    try {
      return JSON.parse(text);
    } catch (error) {
      this.problems.add(path, 1, `expected JSON: ${(error as Error).message}`);
      return undefined;
    }
  }

  private readControls(text: string, path: string): JudgeControl[] {
    return jsonLines(text, path, this.problems).flatMap(({ value, line }) => {
      const { answer, pass, variables, expected, ...rest } = Object(value) as Record<string, unknown>;
      const isControl =
        typeof answer === 'string' && answer !== '' && typeof pass === 'boolean' && Object.keys(rest).length === 0;
      if (!isControl) {
        this.problems.add(
          path,
          line,
          'expected a control such as {"answer": "…", "pass": false}, with variables and expected if the rubric needs them',
        );
        return [];
      }
      return [
        {
          answer,
          pass,
          ...(variables !== undefined && { variables }),
          ...(expected !== undefined && { expected }),
        } as JudgeControl,
      ];
    });
  }
}
