/** Counts what was begun and has not ended yet. */
export class Outstanding {
  private count = 0;
  private waiting: (() => void)[] = [];

  begin(): void {
    this.count += 1;
  }

  end(): void {
    this.count -= 1;
    if (this.count === 0) {
      for (const resolve of this.waiting.splice(0)) {
        resolve();
      }
    }
  }

  /** Resolves once everything has ended; at once if nothing is under way. */
  none(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }
}
