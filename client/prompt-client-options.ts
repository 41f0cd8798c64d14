import type { PromptSnapshot } from '../core/contract/prompt-snapshot';
import type { ModelPrices } from '../core/models/model-prices';
import { RegistryError } from '../core/registry-error';
import { type Clock, systemClock } from './clock';
import type { PromptUse } from './prompt-use';
import type { SdkClient } from './sdk-client';
import { readSnapshot } from './snapshot';

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
   * Path of a file that `prompt-registry snapshot` wrote, or what a bundler made of it.
   * @default - no snapshot
   */
  readonly snapshot?: string | object;
  /**
   * Content to keep in memory, in characters.
   * @default 10_000_000
   */
  readonly contentLimit?: number;
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
   * Takes the lines of metrics that `run` writes; false for none. CloudWatch bills them as custom metrics: at most
   * eight per prompt, alias and version.
   * @default - stdout, which Lambda and ECS send to CloudWatch Logs
   */
  readonly metrics?: ((line: string) => void) | false;
  /**
   * What models cost, by their ids, in US dollars for a million tokens: then `run` writes the metric `Cost`. Prices of the
   * snapshot count where these have none.
   * @default - those of the snapshot, if it has any
   */
  readonly prices?: { readonly [model: string]: PromptModelPrice };
  /**
   * `gen_ai` also writes `gen_ai.prompt.name` and `gen_ai.prompt.version` to the span, as OpenTelemetry's conventions have
   * them. Not where traces go to Langfuse, which takes them for the conversation.
   * @default - `langfuse.observation.prompt.*` and `prompt_registry.*` only
   */
  readonly spanNames?: 'gen_ai';
  /**
   * Clock and random source; injectable for tests.
   * @default - the system's
   */
  readonly clock?: Clock;
}

/** US dollars for a million tokens. A kind of tokens without a price makes a call that has some of it one without `Cost`. */
export interface PromptModelPrice {
  readonly in: number;
  readonly out: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** Day of the price list: prices that are older than 90 days draw a warning. */
  readonly asOf: string;
}

/** Takes one structured line per use of a prompt. Powertools' `Logger` is one, and so is `console`. */
export interface PromptLogger {
  info(message: string, use: PromptUse): void;
}

/** The options as they hold, all there and checked. */
export interface PromptClientSettings
  extends Omit<PromptClientOptions, keyof Defaults | 'snapshot' | 'prices'>,
    Defaults {
  readonly snapshot?: PromptSnapshot;
  readonly prices?: ModelPrices;
}

type Defaults = Required<
  Pick<PromptClientOptions, 'ttl' | 'maxStale' | 'timeout' | 'contentLimit' | 'logger' | 'metrics' | 'clock'>
>;

const writeLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const DEFAULTS: Defaults = {
  ttl: 60_000,
  maxStale: 900_000,
  timeout: 2_000,
  contentLimit: 10_000_000,
  // As CloudWatch Logs reads it.
  logger: { info: (message, use) => writeLine(JSON.stringify({ message, ...use })) },
  metrics: writeLine,
  clock: systemClock,
};

/** @throws RegistryError `InvalidOption`, `InvalidSnapshot` */
export function resolveOptions(options: PromptClientOptions): PromptClientSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: PromptClientOptions & Defaults = {
    ...DEFAULTS,
    ...(Object.fromEntries(given) as unknown as PromptClientOptions & Defaults),
  };
  const { ttl, maxStale, timeout, snapshot, parameterPrefix } = settings;
  if (!(ttl >= 0 && maxStale >= ttl && timeout > 0)) {
    throw new RegistryError(
      'InvalidOption',
      `give 0 <= ttl <= maxStale, timeout > 0, found ${[ttl, maxStale, timeout]}`,
    );
  }
  const read = snapshot ? readSnapshot(snapshot, parameterPrefix) : undefined;
  const prices = { ...read?.prices, ...settings.prices };
  return { ...settings, snapshot: read, prices: Object.keys(prices).length > 0 ? prices : undefined };
}
