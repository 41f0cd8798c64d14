import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { preloaded } from './preloaded';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built `prompt-registry` as a process of its own. It does not wait as it would for AWS. */
export function runCommand(args: readonly string[], environment: NodeJS.ProcessEnv, cwd?: string): Promise<Run> {
  const command = join(__dirname, '../../dist/bin/prompt-registry.js');
  const given = preloaded({ ...process.env, ...environment }, 'e2e/short-waits.cjs', 'cli/compiled-once.cjs');
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...given, COLUMNS: '100' },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
