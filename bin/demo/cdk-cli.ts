import { spawn } from 'node:child_process';

export interface CdkRun {
  readonly code: number;
  readonly output: string;
}

/** Keeps the CLI's output free of what needs the internet: notices, version checks, telemetry. */
const quiet = {
  // The validator inside aws-cdk-lib takes seconds a synth; the tests run it over the same app.
  CDK_VALIDATION: 'false',
  CDK_DISABLE_VERSION_CHECK: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  NODE_NO_WARNINGS: '1',
  CI: 'true',
};

/** The `cdk` command of this checkout's lock file, in a process of its own. */
export class CdkCli {
  constructor(
    /** Asked before each run where it changes: a clock that skips is ahead. */
    private readonly environment: NodeJS.ProcessEnv | (() => NodeJS.ProcessEnv),
    private readonly outputDirectory: string,
  ) {}

  /**
   * Runs `cdk <args>`; `onLine` sees its output line by line. Never throws on a failed deploy: the code tells.
   * `kill` ends it as a crash would, silently.
   */
  run(args: readonly string[], onLine: (line: string) => void = () => {}, kill?: AbortSignal): Promise<CdkRun> {
    const app = `${process.execPath} --import tsx bin/app.ts`;
    const fixed = ['--app', app, '--output', this.outputDirectory, '--no-notices', '--progress', 'events'];
    const own = typeof this.environment === 'function' ? this.environment() : this.environment;
    const child = spawn(process.execPath, [require.resolve('aws-cdk/bin/cdk'), ...args, ...fixed], {
      env: { ...process.env, ...quiet, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      for (const line of chunk
        .toString()
        .split('\n')
        .filter((text) => text.trim())) {
        onLine(line.trim());
      }
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, output }));
    });
  }
}
