/** So many are remembered at least, and twice as many at most. */
const REMEMBERED = 25_000;

/** What a process has seen already, of what has no end: keys by version, and scores. The oldest half goes when it is full. */
export class FirstUses {
  #young = new Set<string>();
  #old = new Set<string>();

  /** Whether this is new, as far as is remembered. */
  add(use: string): boolean {
    if (this.#young.has(use) || this.#old.has(use)) return false;
    this.#young.add(use);
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return true;
  }
}
