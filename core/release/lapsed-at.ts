import { type HaltedAt, lastHalt } from './last-halt';
import { lastLeft, type TimedPlacement } from './last-left';

/**
 * When what was said in favour of a content ceased to count, in milliseconds since 1970: the alias left it backwards, or its
 * rollout was halted. Undefined where neither happened.
 *
 * @param history newest first; gone through twice
 * @param since no further back than this
 */
export async function lapsedAt(
  content: { readonly version: number; readonly digest: string },
  history: AsyncIterable<TimedPlacement>,
  since: number,
  haltedAt: HaltedAt,
): Promise<number | undefined> {
  const times = [await lastLeft(content, history, since), await lastHalt(content.digest, history, since, haltedAt)];
  const found = times.filter((time) => time !== undefined);
  return found.length > 0 ? Math.max(...found) : undefined;
}
