import type { Delivery } from './adversary';

/** When the events that are held back go out: once only held ones are waited for, or when the operation is over. */
export class OperationMoments {
  private running = 0;
  private held: (() => void)[] = [];
  private end: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  of(delivery: Delivery): Promise<void> {
    if (delivery !== 'when-idle') {
      return this.ended;
    }
    const idle = new Promise<void>((resolve) => this.held.push(resolve));
    this.releaseIfIdle();
    return idle;
  }

  /** Runs one resource's step, which may have to wait for an event that is held. */
  async during<T>(step: () => Promise<T>): Promise<T> {
    this.running += 1;
    try {
      return await step();
    } finally {
      this.running -= 1;
      this.releaseIfIdle();
    }
  }

  /** The operation turns back: what was held goes out when all is over, long after CloudFormation has given up on it. */
  turnBack(): void {
    for (const release of this.held.splice(0)) {
      void this.ended.then(release);
    }
  }

  over(): void {
    this.turnBack();
    this.end();
  }

  private releaseIfIdle(): void {
    if (this.running <= this.held.length) {
      this.held.shift()?.();
    }
  }
}
