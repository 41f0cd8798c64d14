import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PutFunctionEventInvokeConfigCommandInput, RecursiveLoop } from '@aws-sdk/client-lambda';
import { transformSync } from 'esbuild';
import { AwsError } from '../aws-error';
import type { Datum } from '../cloudwatch/metric-store';
import type { ServiceSessions } from '../sts/service-sessions';
import type { ClockRate } from '../world-clock';
import type { UnpackedCode } from './lambda-code';
import { LambdaConcurrency } from './lambda-concurrency';
import type { InstanceSettings } from './lambda-instance';
import { LambdaLog } from './lambda-log';
import { LambdaPool } from './lambda-pool';

export interface FunctionSettings {
  readonly Runtime: string;
  readonly Role: string;
  readonly Handler: string;
  readonly Description: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: Record<string, string> };
  /** Shown as given, without effect here: architectures, tracing, ephemeral storage, logging. */
  readonly shown: object;
}

export interface LambdaFunction {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  settings: FunctionSettings;
  code: UnpackedCode;
  lastModified: Date;
  revisionId: string;
  tags: Record<string, string>;
  readonly permissions: Map<string, object>;
  eventInvoke?: Pick<PutFunctionEventInvokeConfigCommandInput, 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds'>;
  eventInvokeModified?: Date;
  recursiveLoop?: RecursiveLoop;
  readonly pool: LambdaPool;
  /** What is reserved for it, if anything is. */
  readonly reserved: LambdaConcurrency;
  readonly log: LambdaLog;
}

export interface LambdaFunctionsOptions {
  readonly sessions: ServiceSessions;
  readonly now: () => Date;
  /** Where `NAME.log` of each function goes. @default nowhere: only the last 4 KB are kept, in memory */
  readonly logDirectory?: string;
  /** Invocations of all functions that may run at once. @default any number */
  readonly concurrency?: number;
  /** The clock of functions, where it is not the machine's. */
  readonly clock?: () => ClockRate | undefined;
  /** Gets each line that a function writes. */
  readonly logged?: (line: string, of: LambdaFunction) => void;
  /** Where what Lambda itself measures goes, and CloudWatch's time for it. */
  readonly metrics?: { readonly time: () => number; readonly add: (datum: Datum) => void };
}

/** The functions of one account, their code on disk and their processes. */
export class LambdaFunctions {
  private readonly functions = new Map<string, LambdaFunction>();
  private root: string | undefined;
  /** Base URL of the endpoint, which functions get as theirs; known once it listens. */
  endpoint = '';

  readonly concurrency: LambdaConcurrency;

  constructor(readonly options: LambdaFunctionsOptions) {
    this.concurrency = new LambdaConcurrency(options.concurrency);
  }

  /** Throws ResourceNotFoundException. */
  get(arn: string): LambdaFunction {
    const found = this.functions.get(arn);
    if (!found) {
      throw new AwsError('ResourceNotFoundException', 404, `Function not found: ${arn}`, { Type: 'User' });
    }
    return found;
  }

  find(arn: string): LambdaFunction | undefined {
    return this.functions.get(arn);
  }

  in(region: string): LambdaFunction[] {
    return [...this.functions.values()].filter((each) => each.region === region);
  }

  add(content: Omit<LambdaFunction, 'pool' | 'log' | 'permissions' | 'reserved'>): LambdaFunction {
    const log = new LambdaLog(this.options.logDirectory, content.name, (line) => this.options.logged?.(line, created));
    const pool = new LambdaPool(() => this.instanceSettings(created), log, this.options.concurrency);
    const created: LambdaFunction = {
      ...content,
      permissions: new Map(),
      log,
      pool,
      reserved: new LambdaConcurrency(),
    };
    this.functions.set(created.arn, created);
    return created;
  }

  /** Invokes and waits. Throws TooManyRequestsException where as many run as may. */
  async invoke(arn: string, event: { readonly requestId: string; readonly payload: string }) {
    const target = this.get(arn);
    const leave = this.enter(target);
    if (!leave) {
      throw new AwsError('TooManyRequestsException', 429, 'Rate Exceeded.', { Type: 'User' });
    }
    return this.run(target, event).finally(leave);
  }

  /**
   * Runs it, and counts that: an invocation that was throttled never gets here. Undefined when `expired` says so at the
   * moment it would start.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  async run(
    target: LambdaFunction,
    event: { readonly requestId: string; readonly payload: string },
    expired?: () => boolean,
  ) {
    const { metrics } = this.options;
    // Of when it began: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html
    const time = metrics?.time() ?? 0;
    const result = await target.pool.invoke({ ...event, functionArn: target.arn }, expired);
    if (result) {
      const of = { namespace: 'AWS/Lambda', dimensions: { FunctionName: target.name }, unit: 'Count', time };
      metrics?.add({ ...of, name: 'Invocations', values: [1] });
      metrics?.add({ ...of, name: 'Errors', values: [result.functionError ? 1 : 0] });
    }
    return result;
  }

  /** Takes a place of the account's and one of the function's; answers how to leave them, or undefined where either has none. */
  enter({ reserved }: LambdaFunction): (() => void) | undefined {
    const counts = [this.concurrency, reserved];
    const taken = counts.filter((count) => count.take());
    const leave = () => {
      for (const count of taken) count.give();
    };
    if (taken.length === counts.length) return leave;
    leave();
    return undefined;
  }

  async delete(arn: string): Promise<void> {
    const { pool } = this.get(arn);
    this.functions.delete(arn);
    await pool.renew();
  }

  /** Directory for everything on disk, made at the first need. */
  directory(): string {
    if (this.root === undefined) {
      this.root = mkdtempSync(join(tmpdir(), 'local-aws-lambda-'));
      mkdirSync(this.root, { recursive: true });
      // Compiled here, so that functions run on bare Node, without the loader this program may run under.
      const source = readFileSync(join(__dirname, 'lambda-worker.ts'), 'utf8');
      writeFileSync(join(this.root, 'worker.js'), transformSync(source, { loader: 'ts', format: 'cjs' }).code);
    }
    return this.root;
  }

  /** Has what is at work know that time goes at another speed. */
  tellTime(): void {
    for (const { pool } of this.functions.values()) {
      pool.tellTime();
    }
  }

  /** Ends all processes and removes the code. */
  async stop(): Promise<void> {
    const all = [...this.functions.values()];
    this.functions.clear();
    await Promise.all(all.map(({ pool }) => pool.stop()));
    if (this.root !== undefined) {
      rmSync(this.root, { recursive: true, force: true });
      this.root = undefined;
    }
  }

  private instanceSettings({ name, region, settings, code }: LambdaFunction): InstanceSettings {
    const issued = this.options.sessions.assume('lambda.amazonaws.com', settings.Role, name);
    return {
      workerFile: join(this.directory(), 'worker.js'),
      codeDirectory: code.directory,
      timeoutSeconds: settings.Timeout,
      clock: this.options.clock,
      // As Node itself goes by from 22 on: https://nodejs.org/api/cli.html#node_compile_cachedir
      cacheFolder: process.env.NODE_COMPILE_CACHE && resolve(process.env.NODE_COMPILE_CACHE),
      // Nothing of the parent's environment but where programs are found.
      environment: {
        PATH: process.env.PATH ?? '',
        TZ: ':UTC',
        ...settings.Environment.Variables,
        ...{ _HANDLER: settings.Handler, LAMBDA_TASK_ROOT: code.directory },
        ...{ AWS_REGION: region, AWS_DEFAULT_REGION: region, AWS_ENDPOINT_URL: this.endpoint },
        AWS_ACCESS_KEY_ID: issued.accessKeyId,
        AWS_SECRET_ACCESS_KEY: issued.secretAccessKey,
        AWS_SESSION_TOKEN: issued.sessionToken ?? '',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.MemorySize),
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: issued.accessKeyId,
        AWS_EXECUTION_ENV: `AWS_Lambda_${settings.Runtime}`,
        AWS_EC2_METADATA_DISABLED: 'true',
        // The SDK warns about Node 20 once per process.
        NODE_NO_WARNINGS: '1',
      },
    };
  }
}
