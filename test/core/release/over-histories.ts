import fc from 'fast-check';

/** HISTORIES=20000 for the whole proof, SEED for one that can be repeated: npm run prove -- histories. */
const { HISTORIES, SEED } = process.env;

/** Holds a law to as many random histories as `npm test` has time for, or as the proof asks for. */
export async function overHistories<T>(usual: number, law: fc.IAsyncProperty<T>): Promise<void> {
  const run = await fc.check(law, { numRuns: Number(HISTORIES ?? usual), ...(SEED && { seed: Number(SEED) }) });
  if (HISTORIES) console.log(`${run.numRuns} histories, ${run.failed ? 1 : 0} wrong`);
  if (run.failed) throw new Error(await fc.asyncDefaultReportMessage(run), { cause: run.errorInstance });
}
