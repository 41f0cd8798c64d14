/*
 * The process in which one function lives: reads its handler from the code directory, then serves one event after the
 * other from its parent. Stands alone: it is compiled apart and runs without the parent's loaders.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

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

/** Less than this is compiled sooner than it is read. */
const LARGE = 200_000;
/** Where compiled code is kept, for processes of the same code; none: nowhere. */
const [, , cacheFolder = ''] = process.argv;

let handler: Handler | undefined;
/** Keeps what was compiled, once an event has been answered: V8 compiles a function when it is called. */
let keepCompiled: (() => void) | undefined;
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
  void answer(event).then((result) => process.send?.(result, () => keepCompiled?.()));
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
  // biome-ignore lint/suspicious/noExplicitAny: whatever a module exports
  let module: any;
  try {
    module = compiledOnce(path) ?? (await import(pathToFileURL(path).href));
  } catch (error) {
    const { name, message } = error as Error;
    throw runtimeError('Runtime.ImportModuleError', `${name}: ${message}`);
  }
  const found = exported.split('.').reduce((value, key) => value?.[key], module) ?? module.default?.[exported];
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  return found;
}

/** What a large CommonJS file exports; undefined for others, which Node loads. */
function compiledOnce(path: string): Record<string, unknown> | undefined {
  if (cacheFolder === '' || path.endsWith('.mjs')) return undefined;
  const source = readFileSync(path, 'utf8');
  // Before Node 22 `import()` is lost where the compiled script comes from a file.
  if (source.length < LARGE || /\bimport\s*(?:\(|\/[*/])/.test(source)) return undefined;
  const digest = createHash('sha256').update(process.version).update(source).digest('hex');
  const file = join(cacheFolder, `function-${digest}`);
  const cachedData = existsSync(file) ? readFileSync(file) : undefined;
  let script: Script;
  try {
    script = new Script(Module.wrap(source), { filename: path, cachedData });
  } catch {
    // An ES module, or no JavaScript: Node says which.
    return undefined;
  }
  if (cachedData === undefined || script.cachedDataRejected) {
    keepCompiled = () => {
      keepCompiled = undefined;
      keep(file, script.createCachedData());
    };
  }
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}

function keep(file: string, data: Uint8Array): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, data);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Where nobody may write, each process compiles.
  }
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
