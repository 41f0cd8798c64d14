import { writeFile } from 'node:fs/promises';
import { CliError } from './cli-error';
import type { Terminal } from './terminal';

/** Where a generated text went: a path, or `-` for standard output. Overwrites: it can be generated again. */
export async function writeGenerated(path: string, text: string, summary: string, terminal: Terminal): Promise<void> {
  if (path === '-') {
    terminal.file(text);
    return;
  }
  try {
    await writeFile(path, text);
  } catch (cause) {
    const { message } = cause as Error;
    const fix = 'give a path in a folder that is there with --out, or - for standard output';
    throw new CliError({ what: `cannot write ${path}`, why: message, fix }, undefined, { cause });
  }
  terminal.line(`wrote ${path}: ${summary}`);
}
