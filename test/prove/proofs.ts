/** A proof that is too large for `npm test`. */
export interface Proof {
  readonly command: readonly string[];
  /** Whole, and as a sample of at most 20 s: arguments and environment. */
  readonly whole: Size;
  readonly sample: Size;
  /** What the output must say: how many were tried, and how many were wrong. Counts of several lines are added. */
  readonly counts: RegExp;
  readonly unit: string;
  /** What a third number in each line counts. */
  readonly of?: string;
}

interface Size {
  readonly args?: (seed: number) => readonly string[];
  readonly env?: (seed: number) => Readonly<Record<string, string>>;
}

const rules = (file: string) => ['vitest', 'run', '--project', 'rules', file];
const faults = (runs: number, ...more: string[]): Size => ({
  args: (seed) => ['--runs', `${runs}`, '--seed', `${seed}`, ...more],
});
/** A handler that was called late looks at its stack for 20 s before it gives up: most of a run is waiting. */
const sampledFaults = faults(8, '--short-waits');
const histories = (count: number): Size => ({
  env: (seed) => ({ HISTORIES: `${count}`, SEED: `${seed}` }),
});

export const PROOFS: Readonly<Record<string, Proof>> = {
  faults: {
    command: ['tsx', 'test/faults/run.ts'],
    whole: faults(520),
    sample: faults(8, '--short-waits', '--with-rollouts', '2'),
    counts: /(\d+) runs, (\d+) wrong/g,
    unit: 'runs',
  },
  gates: {
    command: ['tsx', 'test/faults/run.ts', '--gates'],
    whole: faults(540),
    sample: sampledFaults,
    counts: /(\d+) runs, (\d+) wrong/g,
    unit: 'runs under a gate',
  },
  'rollout-faults': {
    command: ['tsx', 'test/faults/run.ts', '--rollouts'],
    whole: faults(560),
    sample: faults(8),
    counts: /(\d+) runs, (\d+) wrong/g,
    unit: 'runs with rollouts',
  },
  interleavings: {
    command: rules('test/lambda/interleavings.test.ts'),
    whole: { env: () => ({ SHOW_ORDERS: '1', EVERY_ORDER: '1' }) },
    // The orders without deaths are all in `npm test`.
    sample: {
      args: () => ['-t', 'invocations that die'],
      env: (seed) => ({ SHOW_ORDERS: '1', ORDERS_SEED: `${seed}` }),
    },
    counts: /(\d+) orders, (\d+) wrong/g,
    unit: 'orders',
  },
  histories: {
    command: [...rules('test/core/release/standing-histories.test.ts'), 'test/core/release/ground.test.ts'],
    whole: histories(20_000),
    sample: histories(1_000),
    counts: /(\d+) histories, (\d+) wrong/g,
    unit: 'random histories',
  },
  rendering: {
    command: rules('test/langfuse/rendering.test.ts'),
    whole: { env: (seed) => ({ RENDERING_RUNS: '100000', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ RENDERING_RUNS: '5000', SEED: `${seed}` }) },
    counts: /(\d+) templates, (\d+) wrong/g,
    unit: 'random templates',
  },
  import: {
    command: [...rules('test/langfuse/import.test.ts'), '-t', 'makes the same text'],
    whole: { env: (seed) => ({ IMPORTED: '1000', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ IMPORTED: '200', SEED: `${seed}` }) },
    counts: /(\d+) versions, (\d+) wrong/g,
    unit: 'imported versions',
  },
  'rollout-share': {
    command: [...rules('test/core/rollout/share.test.ts'), '-t', 'is even'],
    whole: { env: (seed) => ({ SHARE_KEYS: '1000000', SHARE_SALTS: '20', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ SHARE_KEYS: '100000', SHARE_SALTS: '3', SEED: `${seed}` }) },
    counts: /(\d+) keys, (\d+) wrong/g,
    unit: 'drawn keys',
  },
  evaluation: {
    command: rules('test/core/evaluation/simulated-evaluations.test.ts'),
    whole: { env: (seed) => ({ EVALUATIONS: '50000', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ EVALUATIONS: '2000', SEED: `${seed}` }) },
    counts: /(\d+) evaluations, (\d+) wrong/g,
    unit: 'simulated evaluations',
  },
  'model-ends': {
    command: rules('test/lambda/model-watch-year.test.ts'),
    whole: { env: (seed) => ({ WATCH_DAYS: '400', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ WATCH_DAYS: '120', SEED: `${seed}` }) },
    counts: /(\d+) figures, (\d+) wrong/g,
    unit: 'days of an alias on a model that ends',
  },
  'rollout-statistics': {
    command: rules('test/core/rollout/simulated-rollouts.test.ts'),
    whole: { env: (seed) => ({ ROLLOUTS: '10000', UNEQUAL: '1000', WORSE: '300', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ ROLLOUTS: '200', UNEQUAL: '6', WORSE: '300', SEED: `${seed % 10_000}` }) },
    counts: /(\d+) rollouts, (\d+) wrong/g,
    unit: 'simulated rollouts',
  },
  ab: {
    command: rules('test/core/experiment/simulated-experiments.test.ts'),
    whole: { env: (seed) => ({ EXPERIMENTS: '10000', UNLIKE: '1000', MOST_USERS: '200000', SEED: `${seed}` }) },
    sample: { env: (seed) => ({ EXPERIMENTS: '30', UNLIKE: '20', MOST_USERS: '2000', SEED: `${seed % 10_000}` }) },
    counts: /(\d+) experiments, (\d+) wrong/g,
    unit: 'simulated experiments',
  },
  rollout: {
    command: rules('test/lambda/rollout-orders.test.ts'),
    whole: { env: () => ({ EVERY_ORDER: '1' }) },
    sample: {
      args: () => ['-t', 'is served as it is recorded'],
      env: (seed) => ({ ORDERS_SEED: `${seed}` }),
    },
    counts: /(\d+) orders, (\d+) wrong, (\d+) states/g,
    unit: 'orders of one or two stack operations and controllers',
    of: 'states',
  },
};
