/** What an interruption (Ctrl-C, a hang-up, SIGTERM) does and says just now: the command that works tells it what state it would leave. */
export class Interruption {
  /** Whether something was started that goes on without the command. */
  hasBegun = false;
  private leave: () => Promise<readonly string[]> = async () => ['interrupted; nothing was changed'];

  /** While `work` runs, Ctrl-C calls `leave`, which tidies up and answers the lines to show. */
  async during<T>(leave: () => Promise<readonly string[]>, work: () => Promise<T>): Promise<T> {
    const outer = this.leave;
    this.leave = leave;
    try {
      return await work();
    } finally {
      this.leave = outer;
    }
  }

  begin(): void {
    this.hasBegun = true;
  }

  /** Runs what was set up for this moment. */
  async interrupt(): Promise<readonly string[]> {
    return this.leave();
  }
}
