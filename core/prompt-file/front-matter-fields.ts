import type { PromptFileProblems } from './prompt-file-problems';
import { YamlJson } from './yaml-json';

/** The front matter's fields with their lines. */
export class FrontMatterFields {
  private readonly json: YamlJson;
  private readonly root: unknown;

  constructor(
    yaml: string,
    private readonly firstLine: number,
    private readonly problems: PromptFileProblems,
  ) {
    this.json = new YamlJson(yaml, (line, message) => problems.add(firstLine + line - 1, message));
    // What is broken is said; comments alone are no fields.
    this.root = this.json.value ?? {};
  }

  /** Names of the fields of a field; none, and a problem, if it is not an object. */
  names(...path: string[]): string[] {
    const value = this.raw(path);
    if (isRecord(value)) return Object.keys(value);
    this.problem(path, `${path.length > 0 ? path.join('.') : 'the front matter'} must be fields with values`);
    return [];
  }

  raw(path: readonly string[]): unknown {
    const field = (value: unknown, name: string) =>
      isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    return path.reduce<unknown>(field, this.root);
  }

  value<T>(path: readonly string[], expected: string, isValid: (value: unknown) => boolean): T | undefined {
    const value = this.raw(path);
    if (value === undefined || isValid(value)) return value as T | undefined;
    this.problem(
      path,
      `${path.join('.')} must be ${expected}, found ${JSON.stringify(value)}: correct it or remove it`,
    );
    return undefined;
  }

  text(name: string): string | undefined {
    return this.value([name], 'a text', (value) => typeof value === 'string' && value !== '');
  }

  problem(path: readonly string[], message: string): void {
    this.problems.add(this.line(path), message);
  }

  /** Line of a field's name in the file. */
  line(path: readonly string[]): number {
    return this.firstLine + this.json.line(path) - 1;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
