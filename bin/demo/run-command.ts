import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const HURRIED = `--require "${join(__dirname, 'hurried.cjs')}"`;

/** The built `prompt-registry` as a process of its own. An audit does not wait for look-ups as it would for AWS. */
export function runCommand(args: readonly string[], environment: NodeJS.ProcessEnv, cwd?: string): Promise<Run> {
  const command = join(__dirname, '../../dist/bin/prompt-registry.js');
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, ...environment, COLUMNS: '100', ...(args[0] === 'audit' && { NODE_OPTIONS: HURRIED }) },
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
