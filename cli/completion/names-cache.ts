import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AwsChoice } from '../aws-clients';
import type { RegistryNames } from './registry-names';

/** Names as they were, for completion only: nothing else reads them. */
export interface KnownNames {
  readonly names: readonly RegistryNames[];
  /** Milliseconds. */
  readonly age: number;
}

/** A file for each account, Region and endpoint that options and environment name. */
export function namesFile({ profile, region }: AwsChoice, env: NodeJS.ProcessEnv): string {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL, XDG_CACHE_HOME } = env;
  const who = profile ?? AWS_ACCESS_KEY_ID ?? AWS_PROFILE;
  const key = JSON.stringify([who, region ?? AWS_REGION ?? AWS_DEFAULT_REGION, AWS_ENDPOINT_URL]);
  const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'prompt-registry', `${name}.json`);
}

/** Undefined where there are none that can be read. */
export async function knownNames(file: string, now: number): Promise<KnownNames | undefined> {
  try {
    const names = JSON.parse(await readFile(file, 'utf8'));
    return { names, age: now - (await stat(file)).mtimeMs };
  } catch {
    return undefined;
  }
}

/** Whole or not at all: several shells complete at once. */
export async function keepNames(file: string, names: readonly RegistryNames[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const half = `${file}.${process.pid}`;
  await writeFile(half, JSON.stringify(names), { mode: 0o600 });
  await rename(half, file);
}
