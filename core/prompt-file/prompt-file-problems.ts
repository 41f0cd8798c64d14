import { RegistryError } from '../registry-error';

interface Problem {
  readonly fileName: string;
  readonly line: number;
  readonly message: string;
}

/** Where something stands, so that a problem with it can be reported there. */
export interface PromptFilePlace {
  readonly line: number;
  readonly problems: PromptFileProblems;
}

/** Collects what is wrong with a prompt file and the partials in it, so that one run shows all of it. */
export class PromptFileProblems {
  constructor(
    readonly fileName: string,
    private readonly found: Problem[] = [],
  ) {}

  /** The problems of a partial, which are reported together with those of the file that includes it. */
  ofPartial(fileName: string): PromptFileProblems {
    return new PromptFileProblems(fileName, this.found);
  }

  /** @param line from 1, in the file */
  add(line: number, message: string): void {
    this.found.push({ fileName: this.fileName, line, message });
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw this.error();
  }

  /** `InvalidPromptFile`, one line per problem: `prompts/x.prompt:12: …`; the file's own before those of its partials. */
  error(): RegistryError {
    const files = [...new Set([this.fileName, ...this.found.map(({ fileName }) => fileName)])];
    const lines = this.found
      .toSorted((a, b) => files.indexOf(a.fileName) - files.indexOf(b.fileName) || a.line - b.line)
      .map(({ fileName, line, message }) => `${fileName}:${line}: ${message}`);
    // A partial that is included twice has its problems once.
    return new RegistryError('InvalidPromptFile', [...new Set(lines)].join('\n'));
  }
}
