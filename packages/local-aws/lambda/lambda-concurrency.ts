/** How many invocations, of one function or of all, may run at once; more are throttled. */
export class LambdaConcurrency {
  /** Invocations that were turned away, tries of queued events as well. */
  throttled = 0;
  /** The most that ever ran at once. */
  highest = 0;
  private running = 0;

  constructor(public limit = Number.POSITIVE_INFINITY) {}

  /** True if the invocation may begin; `give` must follow. */
  take(): boolean {
    if (this.running >= this.limit) {
      this.throttled += 1;
      return false;
    }
    this.running += 1;
    this.highest = Math.max(this.highest, this.running);
    return true;
  }

  give(): void {
    this.running -= 1;
  }
}
