import { RegistryError } from '../registry-error';

/** More than anybody reads at once. */
const MOST_SHOWN = 20;

/** Collects what is wrong with a suite and the files that it names, so that one run shows all of it. */
export class SuiteProblems {
  private readonly found: string[] = [];

  /** @param line from 1, in the file */
  add(path: string, line: number, message: string): void {
    this.found.push(`${path}:${line}: ${message}`);
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  /** @throws RegistryError `InvalidSuite`, one line per problem: `prompts/x.eval.yaml:12: …` */
  throwIfAny(): void {
    if (this.isEmpty) return;
    const more = this.found.length - MOST_SHOWN;
    const shown = [...this.found.slice(0, MOST_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
    throw new RegistryError('InvalidSuite', shown.join('\n'));
  }
}
