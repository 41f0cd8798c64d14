/** So many are remembered at least, and twice as many at most. */
const REMEMBERED = 25_000;

/** The keys that a process has served, by version: the first use of each is what the controller compares. */
export class FirstUses {
  #young = new Set<string>();
  #old = new Set<string>();

  /** Whether a key uses a version for the first time, as far as is remembered. A call without a key always does. */
  add(versionArn: string, key: string | undefined): boolean {
    if (!key) return true;
    const use = versionArn.slice(versionArn.lastIndexOf(':')) + key;
    if (this.#young.has(use) || this.#old.has(use)) return false;
    this.#young.add(use);
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return true;
  }
}
