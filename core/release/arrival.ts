import { type History, type Placement, withoutUndone } from './standing';

/** The record by which the alias came to the version; undefined where it stands on another one now. */
export async function arrivalAt<T extends Placement>(version: number, history: History<T>): Promise<T | undefined> {
  for await (const record of withoutUndone(history)) {
    if (record.to?.version !== version) return undefined;
    if (record.from?.version !== version) return record;
  }
  return undefined;
}
