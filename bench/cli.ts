import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = 7;
const COMMAND = 'dist/bin/prompt-registry.js';

/** Prints the command's speed next to what it is measured against. Run after `npm run build`. */
function main(): void {
  coldStart();
  longDiffs();
}

function coldStart(): void {
  const ours = medianMs(() => node([COMMAND, '--version']));
  const theirs = medianMs(() => node([require.resolve('aws-cdk/bin/cdk'), '--version']));
  const bare = medianMs(() => node(['-e', '0']));
  line(
    '--version, cold',
    `${ours} ms`,
    `cdk --version ${theirs} ms, ratio ${(ours / theirs).toFixed(2)}; node alone ${bare} ms`,
  );
}

function longDiffs(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cli-'));
  try {
    for (const [name, changes] of [
      ['every 50th word changed', 50],
      ['every 3rd word changed', 3],
      ['nothing in common', 1],
    ] as const) {
      const a = join(folder, 'a.prompt');
      const b = join(folder, 'b.prompt');
      writeFileSync(
        a,
        promptFile((index) => `word${(index * 7919) % 5003}`),
      );
      writeFileSync(
        b,
        promptFile((index) =>
          index % changes === 0 ? `other${(index * 6101) % 5003}` : `word${(index * 7919) % 5003}`,
        ),
      );
      const ms = medianMs(() => node([COMMAND, 'diff', 'a', `file:${a}`, `file:${b}`, '--words']), 3);
      line('diff of two 200,000-character prompts', `${ms} ms`, `${name}, process included`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 200,000 characters in lines of 12 words. */
function promptFile(word: (index: number) => string): string {
  let text = '';
  for (let index = 0; text.length < 199_980; index++) text += word(index) + (index % 12 === 11 ? '\n' : ' ');
  return `---\nmodel: amazon.nova-pro-v1:0\n---\n${text}`;
}

function node(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, CDK_DISABLE_VERSION_CHECK: '1' },
  });
  if (status !== 0) throw new Error(String(stderr));
}

function medianMs(work: () => void, runs = RUNS): number {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0);
}

function line(what: string, figure: string, beside: string): void {
  console.log(`${what.padEnd(40)} ${figure.padStart(10)}   ${beside}`);
}

main();
