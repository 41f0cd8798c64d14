import { type InstanceSettings, type InvocationResult, LambdaInstance } from './lambda-instance';
import type { LambdaLog } from './lambda-log';

/** More events than this at once wait for a free process, where concurrency has no limit. */
const MAX_INSTANCES = 4;

/** The warm processes of one function: an event takes a free one, or starts another. */
export class LambdaPool {
  private readonly idle: LambdaInstance[] = [];
  private readonly all = new Map<LambdaInstance, number>();
  private readonly waiting: (() => void)[] = [];
  private generation = 0;

  /** `settings` is asked for every new process, so that each has credentials of its own. */
  constructor(
    private readonly settings: () => InstanceSettings,
    private readonly log: LambdaLog,
    private slots = MAX_INSTANCES,
  ) {}

  /** Undefined when `expired` says so at the moment the event would start. */
  async invoke(
    event: { requestId: string; payload: string; functionArn: string },
    expired: () => boolean = () => false,
  ): Promise<InvocationResult | undefined> {
    await this.takeSlot();
    try {
      if (expired()) {
        return undefined;
      }
      const instance = this.takeIdle() ?? this.start();
      try {
        return await instance.invoke(event);
      } finally {
        await this.giveBack(instance);
      }
    } finally {
      this.slots += 1;
      this.waiting.shift()?.();
    }
  }

  /** Code or configuration changed, or the function is gone: running events end, later ones start afresh. */
  async renew(): Promise<void> {
    this.generation += 1;
    await Promise.all(this.idle.splice(0).map((instance) => this.discard(instance)));
  }

  tellTime(): void {
    for (const instance of this.all.keys()) {
      instance.tellTime();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.all.keys()].map((instance) => this.discard(instance)));
  }

  private async takeSlot(): Promise<void> {
    while (this.slots === 0) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.slots -= 1;
  }

  private takeIdle(): LambdaInstance | undefined {
    for (;;) {
      const instance = this.idle.pop();
      if (!instance || instance.isUsable) {
        return instance;
      }
      this.all.delete(instance);
    }
  }

  private start(): LambdaInstance {
    const instance = new LambdaInstance(this.settings(), this.log);
    this.all.set(instance, this.generation);
    return instance;
  }

  private async giveBack(instance: LambdaInstance): Promise<void> {
    if (instance.isUsable && this.all.get(instance) === this.generation) {
      this.idle.push(instance);
    } else {
      await this.discard(instance);
    }
  }

  private async discard(instance: LambdaInstance): Promise<void> {
    this.all.delete(instance);
    await instance.stop();
  }
}
