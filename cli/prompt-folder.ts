import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkPromptName } from '../core/contract/names';
import { parsePromptFile } from '../core/prompt-file/prompt-file';
import type { TypedPrompt } from '../core/prompt-file/prompt-types';
import { RegistryError } from '../core/registry-error';
import { CliError } from './cli-error';
import { fileIfThere } from './file-if-there';
import { grouped } from './grouped';

/** What prompts are there, and what keeps some from having a type. */
export interface FoundPrompts {
  readonly prompts: readonly TypedPrompt[];
  readonly problems: readonly string[];
  /** What is no prompt, and is said to be none. */
  readonly notes: readonly string[];
}

const FIX = 'name the folder that holds the .prompt files';

/** Reads all prompt files of a folder and those in it: what is wrong with one does not keep the others from being read. */
export async function promptsOfFolder(folder: string): Promise<FoundPrompts> {
  const paths = await filesNamedPrompt(folder);
  const partials = paths.filter(isPartial);
  const files = paths.filter((path) => !isPartial(path));
  if (files.length === 0) throw new CliError({ what: `no .prompt file in ${folder}`, fix: FIX });
  const read = await Promise.all(files.map(readPrompt));
  const named = read.filter((one) => 'prompt' in one);
  const twice = namedTwice(named);
  return {
    prompts: named.filter((one) => !twice.has(key(one))).map(({ prompt }) => prompt),
    problems: [...read.flatMap((one) => ('problem' in one ? [one.problem] : [])), ...twice.values()],
    notes: partials.map((path) => `skipped ${path}: a name that begins with _ is a partial's`),
  };
}

interface Named {
  readonly path: string;
  readonly prompt: TypedPrompt;
}

async function readPrompt(path: string): Promise<Named | { readonly problem: string }> {
  try {
    // To read a pipe waits for somebody to write into it.
    if (await isKind(path, (found) => !found.isFile()))
      return { problem: `${path}: expected a file, found none: remove it` };
    const prompt = parsePromptFile(await readFile(path), path, fileIfThere);
    checkPromptName(prompt.name);
    return { path, prompt };
  } catch (error) {
    if (!(error instanceof RegistryError)) return { problem: `${path}: ${(error as Error).message}` };
    if (error.code !== 'InvalidPromptName') return { problem: error.message };
    return {
      problem: `${path}: ${error.message}: rename the file; where the app gives it a promptName, run cdk synth and prompt-registry types --app cdk.out`,
    };
  }
}

/** Names compare as they do in a registry: without regard to case. */
function namedTwice(named: readonly Named[]): ReadonlyMap<string, string> {
  const paths = grouped(named, key);
  return new Map(
    [...paths].flatMap(([name, group]) => {
      const [first] = group;
      if (group.length < 2) return [];
      const where = group.map(({ path }) => path).join(' and ');
      return [
        [
          name,
          `two prompt files are named ${JSON.stringify(first?.prompt.name)}: ${where}; each prompt of a registry needs a name of its own`,
        ],
      ];
    }),
  );
}

function key({ prompt }: Named): string {
  return prompt.name.toLowerCase();
}

/** The prompt files of a folder and those in it, partials left out. */
export async function promptFiles(folder: string): Promise<string[]> {
  return (await filesNamedPrompt(folder)).filter((path) => !isPartial(path));
}

/** A template that others include: https://google.github.io/dotprompt/reference/template/#partials */
function isPartial(path: string): boolean {
  return basename(path).startsWith('_');
}

async function filesNamedPrompt(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (cause) {
    throw new CliError({ what: `cannot read folder ${folder}`, why: (cause as Error).message, fix: FIX }, undefined, {
      cause,
    });
  }
  const paths = names.filter((name) => name.endsWith('.prompt')).map((name) => join(folder, name));
  const folders = await Promise.all(paths.map((path) => isKind(path, (found) => found.isDirectory())));
  return paths.filter((_, index) => !folders[index]).sort();
}

/** A link that leads nowhere is of no kind, but a file that cannot be read. */
async function isKind(path: string, kind: (found: Stats) => boolean): Promise<boolean> {
  return await stat(path).then(kind, () => false);
}
