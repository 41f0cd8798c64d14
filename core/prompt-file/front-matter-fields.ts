import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { PromptFileProblems } from './prompt-file-problems';

/** The front matter's fields with their lines. */
export class FrontMatterFields {
  private readonly lines = new LineCounter();
  private readonly document;
  private readonly root: unknown;

  constructor(
    yaml: string,
    private readonly firstLine: number,
    private readonly problems: PromptFileProblems,
  ) {
    this.document = parseDocument(yaml, { lineCounter: this.lines, prettyErrors: false });
    for (const { message, pos } of [...this.document.errors, ...this.document.warnings]) {
      problems.add(this.lineAt(pos[0]), `the front matter is not valid YAML: ${message}`);
    }
    try {
      this.root = this.document.errors.length === 0 ? this.document.toJS() : {};
    } catch (error) {
      problems.add(firstLine, `the front matter is not valid YAML: ${error instanceof Error ? error.message : error}`);
      this.root = {};
    }
  }

  /** Names of the fields of a field; none, and a problem, if it is not an object. */
  names(...path: string[]): string[] {
    const value = this.raw(path);
    if (isRecord(value)) return Object.keys(value);
    this.problem(path, `${path.length > 0 ? path.join('.') : 'the front matter'} must be fields with values`);
    return [];
  }

  raw(path: readonly string[]): unknown {
    return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), this.root);
  }

  value<T>(path: readonly string[], expected: string, isValid: (value: unknown) => boolean): T | undefined {
    const value = this.raw(path);
    if (value === undefined || isValid(value)) return value as T | undefined;
    this.problem(path, `${path.join('.')} must be ${expected}, found ${JSON.stringify(value)}`);
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
    const parent = path.length > 1 ? this.document.getIn(path.slice(0, -1), true) : this.document.contents;
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    const offset = isScalar(pair?.key) ? pair.key.range?.[0] : this.document.contents?.range?.[0];
    return this.lineAt(offset ?? 0);
  }

  private lineAt(offset: number): number {
    return this.firstLine + this.lines.linePos(offset).line - 1;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
