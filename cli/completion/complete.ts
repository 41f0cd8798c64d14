import { spawn } from 'node:child_process';
import type { AwsChoice } from '../aws-clients';
import type { Command } from '../command';
import { completions, typedLine } from './complete-words';
import { keepNames, knownNames, namesFile } from './names-cache';
import type { RegistryNames } from './registry-names';
import { REFRESH } from './shell-words';

/** Somebody waits with a finger on the key. Measured from the start of the process. */
const LONGEST_WAIT = 800;
/** Older names are shown and read anew for the next time. */
const FRESH = 60_000;

/**
 * Names for the word that is being typed: from the file of last time, or else by one search, if it is quick. Nothing where
 * AWS does not answer or there are no credentials: a shell is no place for errors.
 */
export async function complete(commands: readonly Command[], words: readonly string[]): Promise<readonly string[]> {
  const line = typedLine(commands, words);
  if (line === undefined || line.place === null) return [];
  const stack = line.options.stack ?? (process.env.PROMPT_REGISTRY_STACK || undefined);
  const options = stack === undefined ? line.options : { ...line.options, stack };
  const choice = { profile: line.options.profile, region: line.options.region };
  return completions({ ...line, options }, await namesFor(choice));
}

async function namesFor(choice: AwsChoice): Promise<readonly RegistryNames[]> {
  const known = await knownNames(namesFile(choice, process.env), Date.now());
  if (known === undefined) {
    const read = await within(LONGEST_WAIT - performance.now(), () => refreshNames(choice));
    if (read === undefined) refreshLater(choice);
    return read ?? [];
  }
  if (known.age > FRESH) refreshLater(choice);
  return known.names;
}

/** Reads the names and keeps them. */
export async function refreshNames(choice: AwsChoice): Promise<readonly RegistryNames[]> {
  const { clientsOf } = await import('../open-registries');
  const { registryNames } = await import('../stack-finder');
  const file = namesFile(choice, process.env);
  const { cloudFormation } = await clientsOf({ values: { ...choice } });
  const names = await registryNames(cloudFormation);
  await keepNames(file, names);
  return names;
}

/** By a process of its own, which the shell does not wait for. */
function refreshLater({ profile, region }: AwsChoice): void {
  const options = [...(profile ? ['--profile', profile] : []), ...(region ? ['--region', region] : [])];
  const [, script = ''] = process.argv;
  spawn(process.execPath, [script, REFRESH, ...options], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}

/** Undefined where it takes longer, or fails. */
async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(milliseconds, 0));
  });
  try {
    return await Promise.race([work(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
