import { isAccessError } from '../core/contract/access-error';
import { explained } from './aws-failure';

/** Readings that go on where a permission is missing, and remember what could not be read. */
export class PartialReading {
  private readonly refusals = new Map<string, string>();
  private readonly left = new Set<string>();

  /** What could not be read, each part once, and why. */
  get unread(): string[] {
    return [...[...this.refusals].map(([what, why]) => `${what} could not be read: ${why}`), ...this.left];
  }

  /** Remembers that something was read in part. */
  leave(why: string): void {
    this.left.add(why);
  }

  /** Undefined where a permission is missing. @throws whatever else fails */
  async attempt<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isAccessError(error)) throw error;
      const { message, why } = explained(error);
      if (!this.refusals.has(what)) this.refusals.set(what, why ?? message);
      return undefined;
    }
  }
}
