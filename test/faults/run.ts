import { fork, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GATE_MUTANTS } from './gate-mutants';
import { handlerBundles } from './handler-bundles';
import { MUTANTS, type Mutant } from './mutants';
import { type Cell, plannedRuns, runsForMutants } from './plan';
import { runCommandCases } from './real-cli';
import { plannedRollouts, rolloutsForMutants, sampledRollouts } from './rollouts/rolling-plan';
import { ROLLOUT_MUTANTS } from './rollouts/rollout-mutants';
import { mutantsTable, runsTable, whatHappened } from './tables';
import type { Life, Report } from './worker';

const USAGE = `npm run test:faults -- [--runs 520] [--seed 1] [--jobs 2] [--life N|N-M] [--gates|--rollouts] [--with-rollouts N] [--trouble KIND] [--short-waits] [--verbose]
npm run test:faults -- --mutants [NAME] [--runs 40] [--seed 1] [--jobs 2]
npm run test:faults -- --cli`;

/** Runs in one account: enough to be quick, few enough to be made again. */
const RUNS_PER_LIFE = 13;
/** Most of a life without content is its beginning. */
const ROLLOUTS_PER_LIFE = 26;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    life: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    cli: { type: 'boolean', default: false },
    gates: { type: 'boolean', default: false },
    rollouts: { type: 'boolean', default: false },
    'with-rollouts': { type: 'string', default: '0' },
    trouble: { type: 'string' },
    'short-waits': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const seed = Number(values.seed);

async function main(): Promise<number> {
  // The SDK's word on Node's version would stand in the middle of the table.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  // A rollout's alias has no gate in this matrix.
  if (values.gates && values.rollouts) {
    console.error(USAGE);
    return 64;
  }
  if (values.cli) return (await runCommandCases(seed)) === 0 ? 0 : 1;
  return values.mutants ? matrixOfMutants(Number(values.runs ?? 40)) : matrix(Number(values.runs ?? 520));
}

async function matrix(count: number): Promise<number> {
  const bundles = await handlerBundles();
  const { gates: isGated, rollouts: rollsOut, trouble } = values;
  const cells = rollsOut ? plannedRollouts(count, seed, trouble) : plannedRuns(count, seed, isGated, trouble);
  const beside = sampledRollouts(Number(values['with-rollouts']), seed, trouble);
  const lives = [
    ...livesOf(cells, rollsOut ? ROLLOUTS_PER_LIFE : RUNS_PER_LIFE).map((life) => ({ ...life, rollsOut })),
    ...livesOf(beside, ROLLOUTS_PER_LIFE).map((life) => ({ ...life, rollsOut: true })),
  ].map((life, number) => ({
    ...life,
    number,
    bundles,
    isGated,
    hasShortWaits: values['short-waits'],
  }));
  const [from = 0, to = from] = values.life?.split('-').map(Number) ?? [0, lives.length];
  const chosen = lives.filter(({ number }) => number >= from && number <= to);
  const started = performance.now();
  const reports = await liveAll(chosen, (report) => {
    if (values.verbose || report.wrong.length > 0) console.log(whatHappened(report, reproduction(report, count)));
  });
  const minutes = (performance.now() - started) / 60_000;
  const wrong = reports.filter((report) => report.wrong.length > 0);
  console.log(runsTable(reports));
  console.log(`\n${reports.length} runs, ${wrong.length} wrong, ${minutes.toFixed(1)} minutes, seed ${seed}`);
  for (const report of wrong) console.log(`again: ${reproduction(report, count)}`);
  return wrong.length > 0 || reports.length === 0 ? 1 : 0;
}

async function matrixOfMutants(count: number): Promise<number> {
  const chosen = [...MUTANTS, ...GATE_MUTANTS, ...ROLLOUT_MUTANTS].filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  const missed = chosen.filter((mutant) => mutant.caughtBy !== undefined && !isCaughtByTest(mutant));
  const livedThrough = chosen.filter(({ caughtBy }) => caughtBy === undefined);
  const isQuiet = livedThrough.length === 0 || (await liveThrough(livedThrough, count));
  return missed.length > 0 || !isQuiet ? 1 : 0;
}

/** Runs the one test file that is there for it, with the mutant's changes in the sources. */
function isCaughtByTest({ name, changes, caughtBy = '' }: Mutant): boolean {
  const { status, stdout } = spawnSync('npx', ['vitest', 'run', caughtBy], {
    env: { ...process.env, MUTANT: JSON.stringify(changes) },
    encoding: 'utf8',
  });
  // A test that fails, and not a mutant that cannot be made any more.
  const failed = status !== 0 && /Tests .*failed/.test(stdout);
  console.log(`${name}: ${failed ? 'caught' : 'MISSED'} by ${caughtBy}`);
  return failed;
}

/** Whether every mutant is caught, and no run without one is wrong. */
async function liveThrough(chosen: readonly Mutant[], count: number): Promise<boolean> {
  const lives: Life[] = [];
  for (const rollsOut of [false, true]) {
    const own = chosen.filter((mutant) => ROLLOUT_MUTANTS.includes(mutant) === rollsOut);
    const cells = rollsOut ? rolloutsForMutants(count, seed) : runsForMutants(count, seed);
    for (const { name, changes } of own.length > 0 ? [{ name: '', changes: [] }, ...own] : []) {
      const bundles = await handlerBundles(changes);
      for (const life of livesOf(cells, rollsOut ? ROLLOUTS_PER_LIFE : RUNS_PER_LIFE)) {
        lives.push({ ...life, number: lives.length, mutant: name || undefined, bundles, rollsOut });
      }
    }
  }
  const reports = await liveAll(lives, (report) => {
    if (values.verbose || (report.mutant === undefined && report.wrong.length > 0))
      console.log(whatHappened(report, report.mutant ?? 'no mutant'));
  });
  console.log(mutantsTable(chosen, reports));
  const caught = (name?: string) => reports.some(({ mutant, wrong }) => mutant === name && wrong.length > 0);
  return !caught(undefined) && chosen.every(({ name }) => caught(name));
}

function livesOf(cells: readonly Cell[], most = RUNS_PER_LIFE): Omit<Life, 'bundles'>[] {
  const runs = cells.map((cell, index) => ({ cell, seed: (seed * 1_000_003 + index * 7919) >>> 0 }));
  return Array.from({ length: Math.ceil(runs.length / most) }, (_, number) => ({
    number,
    runs: runs.slice(number * most, (number + 1) * most),
  }));
}

function reproduction({ life }: Report, count: number): string {
  return `npm run test:faults -- --runs ${count} --seed ${seed} --life ${life}${values.gates ? ' --gates' : ''}${values.rollouts ? ' --rollouts' : ''}${values['with-rollouts'] === '0' ? '' : ` --with-rollouts ${values['with-rollouts']}`}${values.trouble ? ` --trouble ${values.trouble}` : ''}${values['short-waits'] ? ' --short-waits' : ''} --verbose`;
}

/** Shares the lives out among processes, each of which lives one at a time. */
async function liveAll(lives: readonly Life[], onReport: (report: Report) => void): Promise<Report[]> {
  const left = [...lives];
  const reports: Report[] = [];
  const job = () =>
    new Promise<void>((resolve, reject) => {
      const env = { ...process.env, CDK_VALIDATION: 'false', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
      const worker = fork(join(__dirname, 'worker.ts'), { env });
      const next = () => {
        const life = left.shift();
        if (life) worker.send(life);
        else worker.disconnect();
      };
      worker.on('message', (message: Report | 'done') => {
        if (message === 'done') next();
        else {
          reports.push(message);
          onReport(message);
          if (reports.length % 50 === 0) console.log(`${reports.length} runs so far`);
        }
      });
      worker.once('error', reject);
      worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      next();
    });
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, job));
  return reports;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
