import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LangfuseClient } from '@langfuse/client';
import type { LangfuseAccess } from './demonstration';

// Its types are of another age than ours.
const { Langfuse } = require('langfuse');

/** What a client got: the version, and its text filled in. */
export interface Got {
  readonly version: number;
  readonly text: string;
}

/** Langfuse's published clients as they are, each new, so that none serves what it read before. */
export class LangfuseClients {
  constructor(private readonly access: LangfuseAccess) {}

  async five(name: string, variables: Record<string, string>): Promise<Got> {
    const prompt = await quietly(() => this.client().prompt.get(name));
    return { version: prompt.version, text: textOf(prompt.compile(variables)) };
  }

  async three(name: string, variables: Record<string, string>): Promise<Got> {
    const client = new Langfuse(this.access);
    const prompt = await client.getPrompt(name);
    await client.shutdownAsync();
    return { version: prompt.version, text: textOf(prompt.compile(variables)) };
  }

  async cli(name: string): Promise<number> {
    const program = join(dirname(require.resolve('langfuse-cli/package.json')), 'bin/langfuse.mjs');
    const { baseUrl, publicKey, secretKey } = this.access;
    const own = { LANGFUSE_BASE_URL: baseUrl, LANGFUSE_HOST: baseUrl, LANGFUSE_PUBLIC_KEY: publicKey };
    const env = { ...process.env, ...own, LANGFUSE_SECRET_KEY: secretKey };
    const { stdout } = await promisify(execFile)(process.execPath, [program, 'api', 'prompts', 'get', name], { env });
    return JSON.parse(stdout).version;
  }

  /** What a script that releases says when it fails. */
  async release(name: string, version: number): Promise<string> {
    const attempt = () => this.client().prompt.update({ name, version, newLabels: ['production'] });
    return quietly(attempt).then(
      () => 'released',
      (error: Error) => /"message": "(.*)"/.exec(error.message)?.[1] ?? error.message,
    );
  }

  client(): LangfuseClient {
    return new LangfuseClient(this.access);
  }
}

function textOf(compiled: unknown): string {
  if (typeof compiled === 'string') return compiled;
  return (compiled as { content: string }[]).map(({ content }) => content).join('\n');
}

/** The client prints what it also throws. */
async function quietly<T>(act: () => Promise<T>): Promise<T> {
  const { error } = console;
  console.error = () => undefined;
  try {
    return await act();
  } finally {
    console.error = error;
  }
}
