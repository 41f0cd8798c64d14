import { writeFile } from 'node:fs/promises';
import { CliError } from './cli-error';
import type { Terminal } from './terminal';

/** Writes what an option asked for next to the result. */
export async function writeOutput(path: string, text: string, terminal: Terminal): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new CliError({ what: `cannot write ${path}`, why: (cause as Error).message }, undefined, { cause });
  }
  terminal.notice(`wrote ${path}`);
}
