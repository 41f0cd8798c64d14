import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Finished, hurried } from './command-process';

export const hasPty = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false;
if (!hasPty) console.warn('SKIPPED: script of util-linux is not installed, so nobody asks in a real terminal');

const LONGEST = 60_000;
const command = join(__dirname, '../../dist/bin/prompt-registry.js');
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The built command in a terminal of its own. Each pair: what has to be on the screen, and what is typed then. */
export async function inTerminal(
  args: string,
  environment: NodeJS.ProcessEnv,
  typed: readonly (readonly [string, string])[] = [],
): Promise<Pick<Finished, 'code' | 'stdout'>> {
  const line = [process.execPath, command, ...args.split(' ').filter(Boolean)].map(quoted).join(' ');
  const child = spawn('script', ['-qec', `stty cols 100 rows 30; exec ${line}`, '/dev/null'], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm', ...hurried(), ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...typed];
  let [stdout, seen] = ['', 0];
  const answer = () => {
    const [next] = left;
    const at = next === undefined ? -1 : stripVTControlCharacters(stdout).indexOf(next[0], seen);
    if (next === undefined || at < 0) return;
    seen = at + next[0].length;
    left.shift();
    // What is typed before a list listens is thrown away: the last line of the question is on the screen by now.
    setTimeout(() => {
      child.stdin.write(next[1]);
      answer();
    }, 100);
  };
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    answer();
  });
  // So that a test that waits for something else shows what is on the screen.
  const end = setTimeout(() => child.kill(), LONGEST);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(end);
  return { code, stdout: stripVTControlCharacters(stdout).replaceAll('\r', '') };
}
