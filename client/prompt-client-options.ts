import { readFileSync } from 'node:fs';
import { checkParameterPrefix } from '../core/names';
import { type PromptSnapshot, readPromptSnapshot } from '../core/prompt-snapshot';
import { RegistryError } from '../core/registry-error';
import { type Clock, systemClock } from './clock';
import type { PromptUse } from './prompt-use';
import type { SdkClient } from './sdk-call';

/** All times in milliseconds. */
export interface PromptClientOptions {
  /** Parameter prefix of the registry, such as `/prompts/prod`. */
  readonly parameterPrefix: string;
  /**
   * Alias that is meant where a call names none.
   * @default - each call names its alias
   */
  readonly alias?: string;
  /**
   * How long an alias is served before SSM is asked again.
   * @default 60_000
   */
  readonly ttl?: number;
  /**
   * How old an alias may at most be while SSM is out of reach.
   * @default 900_000
   */
  readonly maxStale?: number;
  /**
   * How long one call may wait for AWS, retries included; one attempt gets half of it.
   * @default 2_000
   */
  readonly timeout?: number;
  /**
   * Path of a file that `prompt-registry snapshot` wrote, or what a bundler made of it. Read at once, so that a broken
   * one is found at the start and not in the outage.
   * @default - no snapshot
   */
  readonly snapshot?: string | object;
  /**
   * Content to keep in memory, in characters.
   * @default 10_000_000
   */
  readonly contentLimit?: number;
  /**
   * Region of the clients that are made here.
   * @default - as the AWS SDK finds it
   */
  readonly region?: string;
  /**
   * An `SSMClient`; give it `maxAttempts: 1`, or its retries multiply with those made here.
   * @default - one is made when it is needed first
   */
  readonly ssm?: SdkClient;
  /**
   * A `BedrockAgentClient`, likewise.
   * @default - one is made when it is needed first
   */
  readonly bedrockAgent?: SdkClient;
  /**
   * Takes the access log; false for none.
   * @default - JSON lines on stdout
   */
  readonly logger?: PromptLogger | false;
  /**
   * Takes the lines of metrics that `run` writes; false for none. CloudWatch bills them as custom metrics: at most five
   * per prompt, alias and version.
   * @default - stdout, which Lambda and ECS send to CloudWatch Logs
   */
  readonly metrics?: ((line: string) => void) | false;
  /**
   * Time and chance, for tests.
   * @default - the system's
   */
  readonly clock?: Clock;
}

/** Takes one structured line per use of a prompt. Powertools' `Logger` is one, and so is `console`. */
export interface PromptLogger {
  info(message: string, use: PromptUse): void;
}

/** The options as they hold, all there and checked. */
export interface PromptClientSettings {
  readonly parameterPrefix: string;
  readonly alias: string | undefined;
  readonly ttl: number;
  readonly maxStale: number;
  readonly timeout: number;
  readonly snapshot: PromptSnapshot | undefined;
  readonly contentLimit: number;
  readonly logger: PromptLogger | false;
  readonly metrics: ((line: string) => void) | false;
  readonly clock: Clock;
}

/** @throws RegistryError `InvalidOption`, `InvalidSnapshot`, `InvalidParameterPrefix` */
export function resolveOptions(options: PromptClientOptions): PromptClientSettings {
  const { parameterPrefix, alias, ttl = 60_000, maxStale = 900_000, timeout = 2_000, snapshot } = options;
  const { contentLimit = 10_000_000, logger = STDOUT, metrics = writeLine, clock = systemClock } = options;
  checkParameterPrefix(parameterPrefix);
  atLeast(0, { ttl, contentLimit });
  atLeast(1, { timeout });
  atLeast(ttl, { maxStale });
  return {
    parameterPrefix,
    alias,
    ttl,
    maxStale,
    timeout,
    snapshot: snapshot ? loadSnapshot(snapshot, parameterPrefix) : undefined,
    contentLimit,
    logger,
    metrics,
    clock,
  };
}

function atLeast(least: number, options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= least)) {
      throw new RegistryError(
        'InvalidOption',
        `${name} must be a number of at least ${least}, found ${value}; correct it`,
      );
    }
  }
}

function loadSnapshot(source: string | object, parameterPrefix: string): PromptSnapshot {
  if (typeof source !== 'string') return readPromptSnapshot(source, parameterPrefix, 'the snapshot');
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (cause) {
    throw new RegistryError(
      'InvalidSnapshot',
      `${source} could not be read; write it with prompt-registry snapshot, and ship it`,
      { cause },
    );
  }
  return readPromptSnapshot(text, parameterPrefix, source);
}

/** One line of JSON each, as CloudWatch Logs reads it. */
const STDOUT: PromptLogger = {
  info: (message, use) => writeLine(JSON.stringify({ level: 'INFO', message, ...use })),
};

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
