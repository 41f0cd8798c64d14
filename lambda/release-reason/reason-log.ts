import { reasonKey, reasonPrefix, timeOfReasonKey } from '../../core/ledger/layout';
import { parseReason, type ReleaseReason, serializeReason } from '../../core/release/release-reason';
import type { ObjectStore } from '../object-store';

/** Enough to find a request that was delivered before. */
const WINDOW = 10;
const APPEND_TRIES = 20;

/** What was said about the operations of one stack, newest first. */
export class ReasonLog {
  constructor(
    private readonly store: ObjectStore,
    private readonly stackId: string,
  ) {}

  /** The newest reason; undefined where there is none. Throws where it is no reason. */
  async newest(): Promise<ReleaseReason | undefined> {
    const [key] = await this.store.list(reasonPrefix(this.stackId), 1);
    const body = key === undefined ? undefined : await this.store.read(key);
    return body === undefined ? undefined : parseReason(body);
  }

  /** Whether this very request wrote one of the newest. */
  async has(requestId: string): Promise<boolean> {
    return (await this.bodies()).some((body) => isOf(requestId, body));
  }

  /** Writes a reason as the newest, unless this very request did so before. A clock that is behind does not matter. */
  async append(reason: Omit<ReleaseReason, 'schema' | 'stackId' | 'time'>, now: number): Promise<'written' | 'known'> {
    const { store, stackId } = this;
    for (let attempt = 1; ; attempt++) {
      if (await this.has(reason.requestId)) return 'known';
      const keys = await store.list(reasonPrefix(stackId), 1);
      const time = Math.max(now, ...keys.map((key) => (timeOfReasonKey(key) ?? 0) + 1));
      const body = serializeReason({ schema: 1, stackId, ...reason, time: new Date(now).toISOString() });
      if ((await store.putIfAbsent(reasonKey(stackId, time), body)) === 'written') return 'written';
      if (attempt === APPEND_TRIES) throw new Error(`${attempt} places in a row were taken by others`);
    }
  }

  private async bodies(): Promise<(string | undefined)[]> {
    const keys = await this.store.list(reasonPrefix(this.stackId), WINDOW);
    return Promise.all(keys.map((key) => this.store.read(key)));
  }
}

function isOf(requestId: string, body: string | undefined): boolean {
  try {
    return body !== undefined && parseReason(body).requestId === requestId;
  } catch {
    return false;
  }
}
