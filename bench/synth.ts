// Synth of 1, 10 and 40 prompts with two aliases, next to the same prompts as plain L1s and as the official alpha L2:
// npx tsx bench/synth.ts (needs `npm run build`: the registry's handlers are assets)
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { markdownTable } from './markdown-table';

const COUNTS = [1, 10, 40];
const KINDS = ['registry', 'L1', 'alpha'];
const RUNS = 5;

const rows = COUNTS.map((count) => {
  const times = new Map<string, number[]>(KINDS.map((kind) => [kind, []]));
  // In turns, so that all meet the same machine.
  for (let run = 0; run < RUNS; run++) for (const kind of KINDS) times.get(kind)?.push(synthMs(kind, count));
  const [registry = 0, l1 = 0, alpha = 0] = KINDS.map((kind) => median(times.get(kind) ?? []));
  return { count, registry, l1, alpha };
});

console.log(
  `\nSynth, milliseconds of processor time from App to assembly, median of ${RUNS} fresh processes in turns, Node ${process.version}\n`,
);
console.log(
  markdownTable(
    [
      'prompts',
      'registry, 2 aliases each',
      'L1 Prompt + PromptVersion',
      'alpha L2 + createVersion',
      'registry / L1',
      'registry / alpha',
    ],
    rows.map(({ count, registry, l1, alpha }) => [
      String(count),
      ...[registry, l1, alpha].map((ms) => ms.toFixed(0)),
      (registry / l1).toFixed(2),
      (registry / alpha).toFixed(2),
    ]),
  ),
);
const [first, , last] = rows;
if (first && last) {
  const more = last.count - first.count;
  const each = (kind: 'registry' | 'l1' | 'alpha') => ((last[kind] - first[kind]) / more).toFixed(1);
  console.log(
    `\nEach further prompt: registry ${each('registry')} ms, L1 ${each('l1')} ms, alpha L2 ${each('alpha')} ms`,
  );
}

function synthMs(kind: string, count: number): number {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'synth-app.ts'), kind, String(count)],
    // The validator inside aws-cdk-lib costs the same seconds whatever is synthesized; all three go without.
    { encoding: 'utf8', env: { ...process.env, CDK_VALIDATION: 'false' } },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout.trim().split('\n').pop());
}

function median(list: number[]): number {
  return list.sort((a, b) => a - b)[list.length >> 1] ?? 0;
}
