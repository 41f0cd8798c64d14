import { RegistryError } from '../registry-error';

/** Collects what is wrong with a prompt file, so that one run shows all of it. */
export class PromptFileProblems {
  private readonly found: { readonly line: number; readonly message: string }[] = [];

  constructor(private readonly fileName: string) {}

  /** @param line from 1, in the file */
  add(line: number, message: string): void {
    this.found.push({ line, message });
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw this.error();
  }

  /** `InvalidPromptFile`, one line per problem: `prompts/x.prompt:12: …` */
  error(): RegistryError {
    const lines = this.found
      .sort((a, b) => a.line - b.line)
      .map(({ line, message }) => `${this.fileName}:${line}: ${message}`);
    return new RegistryError('InvalidPromptFile', lines.join('\n'));
  }
}
