import type { HandlerBundles } from './handler-bundles';
import { MUTANTS } from './mutants';
import type { Cell } from './plan';
import type { RollingOperation } from './rollouts/rolling-operations';
import { RollingWorld } from './rollouts/rolling-world';
import { ROLLOUT_MUTANTS } from './rollouts/rollout-mutants';
import { type OperationName, type RunResult, World, type WorldOptions } from './world';

/** Runs that one account lives through, one after the other. */
export interface Life {
  readonly number: number;
  readonly mutant?: string;
  readonly bundles: HandlerBundles;
  /** Whether PROD rolls out. */
  readonly rollsOut?: boolean;
  /** Whether PROD has a gate. */
  readonly isGated?: boolean;
  /** Whether the handlers pause a tenth as long. */
  readonly hasShortWaits?: boolean;
  readonly runs: readonly { readonly cell: Cell; readonly seed: number }[];
}

/** What a worker reports of one run. */
export interface Report {
  readonly life: number;
  readonly mutant?: string;
  readonly cell: Cell;
  readonly seed: number;
  readonly seconds: number;
  readonly story: readonly string[];
  readonly wrong: readonly string[];
}

/** No run takes this long unless it hangs. */
const LIMIT_MS = 240_000;

process.on('message', (life: Life) => {
  void live(life).then(
    () => process.send?.('done'),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

// Whoever started it is gone.
process.on('disconnect', () => process.exit());

/** Either world, in which a run of its own operations is made. */
interface AnyWorld {
  readonly isSpent?: boolean;
  run(cell: Cell, seed: number): Promise<RunResult>;
  diagnosis(): Promise<string[]>;
  stop(): Promise<void>;
}

async function started(rollsOut: boolean, options: WorldOptions): Promise<AnyWorld> {
  const world = rollsOut ? await RollingWorld.start(options) : await World.start(options);
  return {
    get isSpent() {
      return world instanceof RollingWorld && world.isSpent;
    },
    run: ({ operation, trouble }, seed) =>
      world instanceof RollingWorld
        ? world.run(operation as RollingOperation, trouble, seed)
        : world.run(operation as OperationName, trouble, seed),
    diagnosis: () => world.diagnosis(),
    stop: () => world.stop(),
  };
}

async function live({ number, mutant, runs, rollsOut = false, ...options }: Life): Promise<void> {
  const changeTemplate = [...MUTANTS, ...ROLLOUT_MUTANTS].find(({ name }) => name === mutant)?.changeTemplate;
  let world: AnyWorld | undefined;
  for (const { cell, seed } of runs) {
    const start = performance.now();
    world ??= await started(rollsOut, { ...options, changeTemplate });
    const result = await ended(world, world.run(cell, seed));
    const seconds = (performance.now() - start) / 1000;
    process.send?.({ life: number, mutant, cell, seed, seconds, ...result } satisfies Report);
    if (result.wrong.length > 0 || world.isSpent) {
      // What comes after would be judged by a state that is not there.
      await world.stop();
      world = undefined;
    }
  }
  await world?.stop();
}

async function ended(world: AnyWorld, run: Promise<RunResult>): Promise<RunResult> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the run did not end in ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  try {
    return await Promise.race([run, tooLong]);
  } catch (error) {
    return {
      story: await world.diagnosis().catch(() => []),
      wrong: [`the run broke off: ${error instanceof Error ? error.stack : error}`],
    };
  } finally {
    clearTimeout(timer);
  }
}
