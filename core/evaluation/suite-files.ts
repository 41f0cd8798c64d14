import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { portableText } from '../text/portable-text';
import type { SuiteProblems } from './suite-problems';

/** The bytes of a file; undefined where there is none. */
export type ReadSuiteFile = (path: string) => Uint8Array | undefined;

/** The files of a suite, each read once. */
export class SuiteFiles {
  private readonly found = new Map<string, Uint8Array | undefined>();

  constructor(
    private readonly suite: string,
    private readonly read: ReadSuiteFile,
    private readonly problems: SuiteProblems,
  ) {}

  get paths(): string[] {
    return [...this.found.keys()];
  }

  /** A path from the suite's folder as the suite's own is written. */
  resolve(relative: string): string {
    return join(dirname(this.suite), relative);
  }

  /**
   * The text of a file; undefined, and a problem, where there is none.
   *
   * @param line of the suite, where the file is named
   */
  text(path: string, line: number): string | undefined {
    if (!this.found.has(path)) this.found.set(path, this.read(path));
    const bytes = this.found.get(path);
    if (bytes === undefined) {
      this.problems.add(this.suite, line, `there is no file ${path}: paths are from the suite's folder`);
      return undefined;
    }
    try {
      return portableText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
      this.problems.add(path, 1, 'expected text in UTF-8: save it so');
      return undefined;
    }
  }

  /** SHA-256 of a file's text in hex; undefined, and a problem, where there is none. */
  digest(path: string, line: number): string | undefined {
    const text = this.text(path, line);
    return text === undefined ? undefined : createHash('sha256').update(text).digest('hex');
  }
}
