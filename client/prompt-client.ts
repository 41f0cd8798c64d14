import { checkAliasName, checkPromptName, parameterName } from '../core/names';
import { RegistryError } from '../core/registry-error';
import { AliasPointer, unavailable } from './alias-pointer';
import { type AliasReader, aliasReader } from './alias-reader';
import { withAttempts } from './attempts';
import { stopwatch } from './clock';
import { contentReader, versionRefusal } from './content-reader';
import { ContentStore, type PromptContent } from './content-store';
import type { ConverseRequest } from './converse-request';
import { environmentOptions } from './environment';
import { fallbackContent, type PromptFallback } from './fallback';
import { ManagedPrompt, type PromptHost, type UseOptions } from './managed-prompt';
import { type PromptClientOptions, type PromptClientSettings, resolveOptions } from './prompt-client-options';
import { embeddedMetrics } from './prompt-metrics';
import type { CompiledOf, PromptType, UntypedPrompts, VariablesOf } from './prompt-types';
import type { PromptUse } from './prompt-use';
import { Telemetry } from './telemetry';
import { type TokenUsage, tokenUsage } from './token-usage';

export interface GetOptions {
  /** @default - the client's own alias */
  readonly alias?: string;
  /**
   * What to serve when SSM is out of reach and nothing else is known. Never served after a refusal.
   * @default - the call fails
   */
  readonly fallback?: string | PromptFallback;
}

export interface RunOptions extends GetOptions, UseOptions {}

/**
 * Finds the version of a prompt that an alias points to, and keeps finding it while AWS does not answer.
 *
 * Make one per process and keep it: the caches live in it. `P` are the types that `prompt-registry types` wrote.
 *
 * @example
 * const prompts = new PromptClient({ parameterPrefix: '/prompts/prod' });
 * const prompt = await prompts.get('financial-analysis', { alias: 'PROD' });
 * await bedrock.send(new ConverseCommand(prompt.converse({ ticker: 'AMZN' })));
 */
export class PromptClient<P extends { [N in keyof P]: PromptType } = UntypedPrompts> {
  /**
   * A client for the registry that the environment names, as `alias.grants.invoke(fn)` sets it.
   *
   * @throws RegistryError `MissingEnvironment`, and as the constructor
   */
  static fromEnvironment<P extends { [N in keyof P]: PromptType } = UntypedPrompts>(
    options: Partial<PromptClientOptions> = {},
  ): PromptClient<P> {
    return new PromptClient<P>({ ...environmentOptions(process.env), ...options });
  }

  readonly #settings: PromptClientSettings;
  readonly #pointers = new Map<string, Map<string, AliasPointer>>();
  readonly #contents: ContentStore;
  readonly #telemetry = new Telemetry();
  readonly #readAlias: AliasReader;
  readonly #host: PromptHost;
  /** `run` writes its own line. */
  readonly #silentHost: PromptHost;

  /** @throws RegistryError `InvalidOption`, `InvalidSnapshot`, `InvalidParameterPrefix` */
  constructor(options: PromptClientOptions) {
    this.#settings = resolveOptions(options);
    const { clock, timeout, maxStale, contentLimit, snapshot } = this.#settings;
    // The retries are ours, and a body that stalls must give its socket back.
    const requestHandler = { connectionTimeout: timeout, socketTimeout: timeout };
    const sdkSettings = { maxAttempts: 1, requestHandler, ...(options.region && { region: options.region }) };
    this.#readAlias = aliasReader(options.ssm, sdkSettings);
    const read = contentReader(options.bedrockAgent, sdkSettings);
    this.#contents = new ContentStore({
      clock,
      limit: contentLimit,
      recheckAfter: maxStale,
      snapshot,
      fetch: async (arn, data) => (await withAttempts(clock, timeout, (signal) => read(arn, signal, data))).value,
    });
    this.#host = {
      load: (name, alias, arn, fallback) => this.#load(name, alias, arn, fallback),
      peek: (arn) => this.#contents.peek(arn),
      record: (use) => this.#record(use),
    };
    this.#silentHost = { ...this.#host, record: () => undefined };
  }

  /**
   * The version that the alias points to. At most one request to SSM, none to Bedrock, and no request at all while the
   * alias is younger than `ttl`.
   *
   * @throws RegistryError `AliasNotFound`, `AliasIsNone`, `AccessDenied`, `InvalidAliasValue`, `VersionRefused`,
   * `VersionNotFound`: the registry says no. `RegistryUnavailable`: it says nothing, and there is nothing else to
   * serve. `AliasRequired`, `InvalidPromptName`, `InvalidAliasName`, `MissingSdk`
   */
  get<N extends keyof P & string>(
    name: N,
    options: GetOptions = {},
  ): Promise<ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>> {
    const alias = options.alias ?? this.#settings.alias;
    const pointer = this.#pointers.get(name)?.get(alias as string);
    const pointed = pointer?.fresh();
    if (pointed === undefined) return this.#find(name, alias, options, this.#host);
    const fallback = options.fallback === undefined ? undefined : fallbackContent(options.fallback);
    return Promise.resolve(new ManagedPrompt(this.#host, name, alias as string, pointed, fallback));
  }

  /**
   * Finds the version, calls the model, writes one line to the access log and the metrics of the call. If Bedrock says
   * that the version was taken away, the alias is asked anew and the model called once more with the version it names
   * now.
   *
   * @param call sends the request, or what `prompt.compile` makes, to a model
   * @throws RegistryError as `get` and `ManagedPrompt.converse`; else whatever `call` throws
   */
  async run<N extends keyof P & string, R>(
    name: N,
    variables: VariablesOf<P, N>,
    call: (request: ConverseRequest, prompt: ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>) => Promise<R>,
    options: RunOptions = {},
  ): Promise<R> {
    const alias = options.alias ?? this.#settings.alias;
    const { clock, metrics, parameterPrefix: registry } = this.#settings;
    for (let isRepeat = false; ; isRepeat = true) {
      const prompt = await this.#find<N>(name, alias, options, this.#silentHost);
      const request = prompt.converse(variables, options);
      const latency = stopwatch(clock);
      const tell = (usage: TokenUsage, error?: string, isLast = true) => {
        const use = { ...prompt.use('run', options), ...(error && { error }) };
        const call = { use, registry, latency: latency(), failed: Boolean(error), usage, time: clock.wall() };
        if (metrics) metrics(embeddedMetrics(call));
        if (isLast) this.#record(use, usage);
      };
      try {
        const answer = await call(request, prompt);
        tell(tokenUsage(answer));
        return answer;
      } catch (error) {
        const { versionArn } = prompt;
        const { name: errorName = 'Error' } = (error ?? {}) as { name?: string };
        // By Bedrock's own names only: another server's 403 or 404 says nothing about the version.
        const isRefusal = versionArn && /^(AccessDenied|ResourceNotFound)/.test(errorName);
        const refusal = isRefusal ? versionRefusal(versionArn, error) : undefined;
        tell({}, refusal?.code ?? errorName, !refusal || isRepeat);
        if (!refusal) throw error;
        this.#pointer(name, prompt.alias).refuse(versionArn as string, refusal);
        if (isRepeat) throw refusal;
      }
    }
  }

  async #find<N extends keyof P & string>(
    name: N,
    alias: string | undefined,
    { fallback }: GetOptions,
    host: PromptHost,
  ): Promise<ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>> {
    if (alias === undefined) {
      throw new RegistryError(
        'AliasRequired',
        `${name}: an alias is needed, found none; write get('${name}', { alias: 'PROD' }), or give the client an alias`,
      );
    }
    const pointed = await this.#pointer(name, alias).resolve(fallback !== undefined);
    return new ManagedPrompt(
      host,
      name,
      alias,
      pointed,
      fallback === undefined ? undefined : fallbackContent(fallback),
    );
  }

  #pointer(name: string, alias: string): AliasPointer {
    let pointer = this.#pointers.get(name)?.get(alias);
    if (pointer === undefined) {
      checkPromptName(name);
      checkAliasName(alias);
      const { parameterPrefix, snapshot, clock, timeout, ttl, maxStale } = this.#settings;
      const parameter = parameterName(parameterPrefix, name, alias);
      const versionArn = snapshot?.aliases[`${name}/${alias}`];
      pointer = new AliasPointer({
        parameterName: parameter,
        clock,
        ttl,
        maxStale,
        ask: () => withAttempts(clock, timeout, (signal) => this.#readAlias(parameter, signal)),
        snapshot: snapshot && versionArn ? { versionArn, time: Date.parse(snapshot.time) } : undefined,
      });
      const ofPrompt = this.#pointers.get(name) ?? new Map<string, AliasPointer>();
      this.#pointers.set(name, ofPrompt.set(alias, pointer));
    }
    return pointer;
  }

  async #load(name: string, alias: string, versionArn: string, fallback: PromptContent | undefined) {
    const pointer = this.#pointer(name, alias);
    try {
      return await this.#contents.load(versionArn, (refusal) => pointer.refuse(versionArn, refusal));
    } catch (error) {
      if (!(error instanceof RegistryError)) {
        if (fallback) return fallback;
        throw unavailable(`the content of ${versionArn}`, error);
      }
      pointer.refuse(versionArn, error);
      await pointer.resolve(false).catch(() => undefined);
      throw error;
    }
  }

  #record(use: PromptUse, usage?: TokenUsage): void {
    const { logger } = this.#settings;
    if (logger) logger.info('prompt used', use);
    this.#telemetry.record(use, usage);
  }
}
