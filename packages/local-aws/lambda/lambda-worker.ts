/*
 * The process in which one function lives: reads its handler from the code directory, then serves one event after the
 * other from its parent. Stands alone: it is compiled apart and runs without the parent's loaders.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One event, from parent to worker. */
export interface WorkerEvent {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly functionArn: string;
  /** How the time there follows from the machine's, where it is another one. */
  readonly clock?: { readonly machine: number; readonly world: number; readonly speed: number } | undefined;
}

/** What became of it, from worker to parent. */
export interface WorkerAnswer {
  /** JSON of what the handler returned, or of its error as Lambda shows it. */
  readonly payload: string;
  readonly failed: boolean;
  /** The handler could not be loaded: the process is of no use. */
  readonly fatal: boolean;
}

type Handler = (event: unknown, context: object) => unknown;

let handler: Handler | undefined;
let clock: WorkerEvent['clock'];

/** The machine's, which time limits go by. */
const machineNow = Date.now;
const MachineDate = Date;

/** What handlers see as `Date`: the clock of the endpoint they call. */
class WorldDate extends MachineDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [WorldDate.now()] : given) as [number]));
  }

  static override now(): number {
    const machine = machineNow();
    return clock ? clock.world + (machine - clock.machine) * clock.speed : machine;
  }
}
globalThis.Date = WorldDate as DateConstructor;

process.on('disconnect', () => process.exit());
process.on('message', (event: WorkerEvent | Pick<WorkerEvent, 'clock'>) => {
  clock = event.clock;
  if (!('payload' in event)) {
    return;
  }
  void answer(event).then((result) => process.send?.(result));
});

async function answer(event: WorkerEvent): Promise<WorkerAnswer> {
  try {
    handler ??= await load(process.env._HANDLER ?? '', process.env.LAMBDA_TASK_ROOT ?? '');
  } catch (error) {
    return { payload: errorPayload(error), failed: true, fatal: true };
  }
  try {
    const value = await handler(JSON.parse(event.payload), contextOf(event));
    return { payload: JSON.stringify(value) ?? 'null', failed: false, fatal: false };
  } catch (error) {
    console.error(error);
    return { payload: errorPayload(error), failed: true, fatal: false };
  }
}

/** `folder/index.handler`: the file up to the first dot after the folders, then the export. */
async function load(name: string, root: string): Promise<Handler> {
  const [, file = '', exported = ''] = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(name) ?? [];
  const path = ['.js', '.cjs', '.mjs'].map((extension) => join(root, file + extension)).find(existsSync);
  if (path === undefined) {
    throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  }
  const module = await import(pathToFileURL(path).href).catch((error: Error) => {
    throw runtimeError('Runtime.ImportModuleError', `${error.name}: ${error.message}`);
  });
  const found = exported.split('.').reduce((value, key) => value?.[key], module) ?? module.default?.[exported];
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  return found;
}

function contextOf({ requestId, deadline, functionArn }: WorkerEvent): object {
  const { env } = process;
  return {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    invokedFunctionArn: functionArn,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - machineNow()),
  };
}

function runtimeError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function errorPayload(error: unknown): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] });
}
