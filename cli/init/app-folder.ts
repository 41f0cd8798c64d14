import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../cli-error';
import type { AppFile } from './app-template';

/** How many names of what is there are shown. */
const SHOWN = 10;

const FIX = 'give a new or empty folder: prompt-registry init FOLDER';

/** @throws CliError where the folder holds something. One that only `git init` was run in is empty. */
export async function requireEmpty(folder: string): Promise<void> {
  const names = await namesIn(folder);
  const there = names.filter((name) => name !== '.git').sort();
  if (there.length === 0) return;
  const more = there.length > SHOWN ? `, and ${there.length - SHOWN} more` : '';
  throw new CliError({
    what: `${folder} is not empty`,
    why: `there is: ${there.slice(0, SHOWN).join(', ')}${more}`,
    fix: FIX,
  });
}

/**
 * Writes an app into a folder that is empty or not there, and overwrites nothing. What it wrote it takes away again where
 * it cannot write the rest.
 */
export async function writeApp(folder: string, files: readonly AppFile[]): Promise<void> {
  const made: string[] = [];
  const make = async (path: string) => {
    // The first folder that was not there, or nothing.
    const first = await mkdir(path, { recursive: true });
    if (first !== undefined) made.push(first);
  };
  try {
    await make(folder);
    for (const { path, content } of files) {
      const target = join(folder, path);
      await make(dirname(target));
      await writeFile(target, content, { flag: 'wx' });
      made.push(target);
    }
  } catch (cause) {
    await Promise.all(made.map((path) => rm(path, { recursive: true, force: true })));
    throw cannotWrite(folder, cause as Error);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cannotWrite(folder, cause as Error);
  }
}

function cannotWrite(folder: string, cause: Error): CliError {
  return new CliError({ what: `cannot write to ${folder}`, why: cause.message, fix: FIX }, undefined, { cause });
}
