// `npm run prove -- NAME`: a large proof, and a row for docs/TESTING.md. With --sample a part of it, ≤ 20 s, for the gate:
// its seed is the commit's hash, so that commits try different parts and a failure can be repeated.
import { spawnSync } from 'node:child_process';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { PROOFS } from './proofs';

const USAGE = `npm run prove -- ${Object.keys(PROOFS).join('|')} [--sample] [--seed N]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'boolean', default: false }, seed: { type: 'string' } },
});
const [name = ''] = positionals;
const proof = PROOFS[name];
if (!proof || positionals.length > 1 || (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed))) {
  console.error(USAGE);
  process.exit(64);
}

const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? '';
const commit = git('rev-parse', '--short=7', 'HEAD');
const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' and changes';
const seed = Number(values.seed ?? (values.sample && commit ? Number.parseInt(commit, 16) : 1));

const size = values.sample ? proof.sample : proof.whole;
const started = performance.now();
const { status, stdout } = spawnSync('npx', [...proof.command, ...(size.args?.(seed) ?? [])], {
  encoding: 'utf8',
  env: { ...process.env, ...size.env?.(seed) },
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const seconds = Math.round((performance.now() - started) / 1000);
const output = stripVTControlCharacters(stdout);
const counts = [...output.matchAll(proof.counts)].map(
  ([, tried, , third]) => [Number(tried), Number(third ?? 0)] as const,
);
const holds = status === 0 && counts.length > 0;
if (!holds) console.log(output);
const [tried, of] = [0, 1].map((group) =>
  counts.reduce((sum, count) => sum + (count[group] ?? 0), 0).toLocaleString('en'),
);
const result = holds ? 'none wrong' : 'WRONG, or not tried';
const what = `${name}${values.sample ? ', sample' : ''}`;
console.log(
  `| ${what} | ${tried} ${proof.unit}${proof.of ? `, ${of} ${proof.of}` : ''} | ${result} | ${seed} | ${commit || 'no commit'}${changed} | ${seconds} s |`,
);
process.exitCode = holds ? 0 : 1;
