import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { ClockRate } from '../world-clock';
import type { LambdaLog } from './lambda-log';
import type { WorkerAnswer, WorkerEvent } from './lambda-worker';

export interface InvocationResult {
  /** JSON. */
  readonly payload: string;
  /** Set when the function failed: `Unhandled`, as Lambda answers for every kind of failure. */
  readonly functionError?: 'Unhandled';
}

export interface InstanceSettings {
  readonly workerFile: string;
  readonly codeDirectory: string;
  readonly environment: Record<string, string>;
  /** Where compiled code is kept. @default nowhere */
  readonly cacheFolder?: string | undefined;
  readonly timeoutSeconds: number;
  readonly clock?: (() => ClockRate | undefined) | undefined;
}

/** One process of a function. Serves one event at a time; is gone for good once it crashed or ran out of time. */
export class LambdaInstance {
  private readonly child: ChildProcess;
  private readonly closed: Promise<{ code: number | null; signal: string | null }>;

  constructor(
    private readonly settings: InstanceSettings,
    log: LambdaLog,
  ) {
    const { workerFile, codeDirectory, environment, cacheFolder } = settings;
    this.child = fork(workerFile, cacheFolder ? [cacheFolder] : [], {
      cwd: codeDirectory,
      env: environment,
      // Not the parent's: a TypeScript loader has no place in a function.
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.on('data', log.stream());
    this.child.stderr?.on('data', log.stream());
    this.child.on('error', (error) => log.write(`${error}\n`));
    this.closed = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get isUsable(): boolean {
    return this.child.connected && this.child.exitCode === null && !this.child.killed;
  }

  async invoke(event: Omit<WorkerEvent, 'deadline' | 'clock'>): Promise<InvocationResult> {
    const { timeoutSeconds, clock } = this.settings;
    let timer: NodeJS.Timeout | undefined;
    const answered = once(this.child, 'message').then(([answer]) => answer as WorkerAnswer);
    const timedOut = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(resolve, timeoutSeconds * 1000, 'timeout');
    });
    this.child.send({ ...event, deadline: Date.now() + timeoutSeconds * 1000, clock: clock?.() }, () => {});
    const outcome = await Promise.race([answered, this.closed, timedOut]);
    clearTimeout(timer);
    answered.catch(() => {});
    if (outcome === 'timeout') {
      await this.stop();
      const message = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      return failure('Sandbox.Timedout', event.requestId, message);
    }
    if ('payload' in outcome) {
      // What was written before the answer may still stand in the pipes.
      await turn();
      if (outcome.fatal) {
        await this.stop();
      }
      return { payload: outcome.payload, ...(outcome.failed && { functionError: 'Unhandled' }) };
    }
    const { code, signal } = outcome;
    const status = signal ? `signal: ${signal}` : `exit status ${code}`;
    const how = code === 0 ? 'without providing a reason' : `with error: ${status}`;
    return failure('Runtime.ExitError', event.requestId, `Runtime exited ${how}`);
  }

  /** Time goes at another speed from now on, also for a function that is at work. */
  tellTime(): void {
    if (this.isUsable) {
      this.child.send({ clock: this.settings.clock?.() }, () => {});
    }
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }
}

function failure(errorType: string, requestId: string, message: string): InvocationResult {
  const payload = JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` });
  return { payload, functionError: 'Unhandled' };
}
