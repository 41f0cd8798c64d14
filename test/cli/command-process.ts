import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

const preloaded = (file: string) => `--require "${join(__dirname, file)}"`;
const HURRIED = ['../e2e/short-waits.cjs', 'compiled-once.cjs'].map(preloaded).join(' ');

/**
 * The command is compiled once, and its pauses take a tenth: it asks CloudFormation every second how far it is, and CloudTrail
 * twice a second.
 *
 * @param ahead milliseconds that its machine's clock goes ahead
 */
export function hurried(ahead = 0): NodeJS.ProcessEnv {
  if (ahead === 0) return { NODE_OPTIONS: HURRIED };
  return { NODE_OPTIONS: `${HURRIED} ${preloaded('shifted-clock.cjs')}`, CLOCK_SHIFT_MS: String(ahead) };
}

/** For what measures how long it may go on. */
export const AT_ITS_PACE = { NODE_OPTIONS: '' };

/** The built command as a process of its own, without a terminal. It is in a hurry unless `environment` says otherwise. */
export function startCommand(args: readonly string[], environment: NodeJS.ProcessEnv, cwd?: string): Running {
  const command = join(__dirname, '../../dist/bin/prompt-registry.js');
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...hurried(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}
