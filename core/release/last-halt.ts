/** A record, as far as it tells which rollout was in force from then on. */
interface RollingRecord {
  readonly time: string;
  readonly rollout?: { readonly plan: number; readonly candidate: { readonly digest: string } } | null;
}

/** When the rollout with this plan was halted, ISO 8601; undefined where it was not. */
export type HaltedAt = (plan: number) => Promise<string | undefined>;

/**
 * When a rollout of a content was last halted, in milliseconds since 1970: what was said in favour of it before counts no
 * more. Also where a release that began it was undone: users had it.
 *
 * @param history newest first
 * @param since no further back than this
 */
export async function lastHalt(
  digest: string,
  history: AsyncIterable<RollingRecord>,
  since: number,
  haltedAt: HaltedAt,
): Promise<number | undefined> {
  const plans = new Set<number>();
  for await (const { rollout, time } of history) {
    if (rollout?.candidate.digest === digest) plans.add(rollout.plan);
    // What was in force then may have been halted since.
    if (Date.parse(time) < since) break;
  }
  const halts = await Promise.all([...plans].map(haltedAt));
  const times = halts.flatMap((time) => (time === undefined ? [] : Date.parse(time)));
  return times.length === 0 ? undefined : Math.max(...times);
}
