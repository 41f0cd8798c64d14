import { readFile, writeFile } from 'node:fs/promises';
import { formatModelLock, type ModelLock } from '../../core/models/model-lock';
import { parseModelLock } from '../../core/models/parse-model-lock';
import { reasonOf } from '../aws-failure';
import { CliError } from '../cli-error';
import type { CommandContext, CommandOption, OptionValues } from '../command';

const DEFAULT_PATH = 'models.lock.json';

export const LOCK_OPTION = {
  lock: { type: 'string', value: 'FILE', description: `the lock file. Default: ${DEFAULT_PATH}` },
} as const satisfies Record<string, CommandOption>;

export function lockPath({ lock }: OptionValues): string {
  return typeof lock === 'string' ? lock : DEFAULT_PATH;
}

/** @throws CliError where there is none; RegistryError where it is malformed */
export async function readLock(path: string): Promise<ModelLock> {
  const lock = await lockIfThere(path);
  if (lock) return lock;
  throw new CliError({
    what: `there is no ${path}`,
    fix: ['write one: prompt-registry models refresh', 'or say where it is with --lock FILE'],
  });
}

/** As {@link readLock}; undefined where there is none. */
export async function lockIfThere(path: string): Promise<ModelLock | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError({ what: `cannot read ${path}`, why: (cause as Error).message }, undefined, { cause });
  }
  return parseModelLock(text, path);
}

/** As {@link lockIfThere}, for what does without: what is wrong with the file is said, and nothing fails. */
export async function lockIfReadable({ values, terminal }: CommandContext): Promise<ModelLock | undefined> {
  try {
    return await lockIfThere(lockPath(values));
  } catch (error) {
    terminal.notice(`${terminal.glyphs.note} ends of models are not shown: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Writes the file where it changed. */
export async function writeLock(path: string, before: ModelLock | undefined, lock: ModelLock): Promise<boolean> {
  const text = formatModelLock(lock);
  if (before !== undefined && text === formatModelLock(before)) return false;
  try {
    await writeFile(path, text);
  } catch (cause) {
    const fix = 'give a path in a folder that is there with --lock FILE';
    throw new CliError({ what: `cannot write ${path}`, why: (cause as Error).message, fix }, undefined, { cause });
  }
  return true;
}
