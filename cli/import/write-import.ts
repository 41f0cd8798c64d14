import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from '../cli-error';
import { fileIfThere } from '../file-if-there';
import { GitHistory, trailerValue } from './git-history';
import { newestOf, type PlannedPrompt, type PlannedVersion } from './import-plan';

/** What became of the versions, by `name version`. */
export interface Written {
  /** Commits; empty without git. */
  readonly commits: ReadonlyMap<string, string>;
  /** Those that were there already, with their commits; with '' without git. */
  readonly unchanged: ReadonlyMap<string, string>;
  /** Those older than what was there already. */
  readonly tooLate: ReadonlySet<string>;
}

export function versionKey({ name }: PlannedPrompt, { version }: PlannedVersion): string {
  return `${trailerValue(name)} ${version}`;
}

/** Writes the newest version of each prompt. @throws CliError, before anything is written, where other files are there */
export function writeFiles(prompts: readonly PlannedPrompt[], folder: string, force: boolean): Written {
  const files = prompts.flatMap((prompt) => {
    const newest = newestOf(prompt);
    return newest?.text
      ? [{ key: versionKey(prompt, newest), path: join(folder, prompt.path), text: newest.text }]
      : [];
  });
  const there = new Map(files.map(({ path }) => [path, fileIfThere(path)]));
  const isSame = ({ path, text }: (typeof files)[number]) => {
    const bytes = there.get(path);
    return bytes !== undefined && Buffer.from(text).equals(bytes);
  };
  const others = files.filter((file) => there.get(file.path) !== undefined && !isSame(file));
  if (others.length > 0 && !force) {
    const what = `${others.map(({ path }) => path).join(', ')}: there already, with another text`;
    throw new CliError({ what, fix: 'add --force to overwrite, or --out FOLDER' });
  }
  for (const file of files.filter((one) => !isSame(one))) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.text);
  }
  const unchanged = new Map(files.filter(isSame).map(({ key }) => [key, '']));
  return { commits: new Map(), unchanged, tooLate: new Set() };
}

/** A commit for each version that the history does not have, in the order in which they were made. @throws CliError */
export function writeHistory(
  prompts: readonly PlannedPrompt[],
  folder: string,
  keys: readonly [prompt: string, version: string],
): Written {
  mkdirSync(folder, { recursive: true });
  const history = new GitHistory(folder);
  const known = history.imported(...keys);
  const all = prompts.flatMap((prompt) => {
    const last = prompt.versions.findLast((one) => known.has(versionKey(prompt, one)))?.version ?? 0;
    // Whatever the source says of times, a prompt's versions come in the order of their numbers.
    let time = 0;
    return prompt.versions.flatMap((one) => {
      const key = versionKey(prompt, one);
      time = Math.max(time, Date.parse(one.time) || 0);
      return one.text === null ? [] : [{ prompt, one, key, time, text: one.text, isLate: one.version < last }];
    });
  });
  const open = all.filter(({ key, isLate }) => !known.has(key) && !isLate).toSorted((a, b) => a.time - b.time);
  const ids = history.commit(
    open.map(({ prompt, one, text }) => ({
      path: prompt.path,
      text,
      message: one.note.trim() || `${prompt.name}: version ${one.version}`,
      trailers: one.trailers,
      time: one.time,
    })),
  );
  return {
    commits: new Map(open.map(({ key }, index) => [key, ids[index] ?? ''])),
    unchanged: new Map(all.flatMap(({ key }) => (known.has(key) ? [[key, known.get(key) ?? ''] as const] : []))),
    tooLate: new Set(all.filter(({ key, isLate }) => !known.has(key) && isLate).map(({ key }) => key)),
  };
}
