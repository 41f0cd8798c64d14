import { RegistryError } from '../core/registry-error';
import { type AliasPointer, aliasPointer, unavailable } from './alias-pointer';
import { type AliasPointers, aliasPointers } from './alias-pointers';
import { type AliasReader, aliasReader } from './alias-reader';
import { stopwatch } from './clock';
import { contentReader } from './content-reader';
import { type ContentStore, contentStore, type PromptContent } from './content-store';
import type { ConverseRequest } from './converse-request';
import { environmentOptions } from './environment';
import { fallbackContent, type PromptFallback } from './fallback';
import { ManagedPrompt, type PromptHost, type UseOptions } from './managed-prompt';
import { parameterName } from './names';
import { type PromptClientOptions, type PromptClientSettings, resolveOptions } from './prompt-client-options';
import { embeddedMetrics } from './prompt-metrics';
import type { CompiledOf, PromptType, UntypedPrompts, VariablesOf } from './prompt-types';
import type { PromptUse } from './prompt-use';
import { refusal, VERSION_CODES } from './refusal';
import { telemetry } from './telemetry';
import { type TokenUsage, tokenUsage } from './token-usage';

export interface GetOptions {
  /** @default - the client's own alias */
  readonly alias?: string;
  /**
   * What to serve when SSM is out of reach and nothing else is known. Never served after a refusal.
   * @default - the call fails
   */
  readonly fallback?: PromptFallback;
}

export interface RunOptions extends GetOptions, UseOptions {}

/** Refusals that only an alias that exists can give. */
const EXISTS = ['AliasIsNone', 'InvalidAliasValue'];

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
  readonly #pointers: AliasPointers;
  readonly #contents: ContentStore;
  readonly #telemetry = telemetry();
  readonly #readAlias: AliasReader;
  readonly #host: PromptHost;

  /** @throws RegistryError `InvalidOption`, `InvalidSnapshot` */
  constructor(options: PromptClientOptions) {
    this.#settings = resolveOptions(options);
    const { snapshot } = this.#settings;
    this.#pointers = aliasPointers((key) => Object.hasOwn(snapshot?.aliases ?? {}, key));
    this.#readAlias = aliasReader(this.#settings);
    this.#contents = contentStore(this.#settings, contentReader(this.#settings));
    this.#host = {
      peek: (arn) => this.#contents.peek(arn),
      load: (...wanted) => this.#load(...wanted),
      record: (use) => this.#record(use),
    };
  }

  /**
   * The version that the alias points to. At most one request to SSM, none to Bedrock, and no request at all while the
   * alias is younger than `ttl`.
   *
   * @throws RegistryError `AliasNotFound`, `AliasIsNone`, `AccessDenied`, `InvalidAliasValue`, `VersionRefused`,
   * `VersionNotFound`: the registry says no. `RegistryUnavailable`: it says nothing, and there is nothing else to
   * serve. `AliasRequired`, `InvalidName`, `MissingSdk`
   */
  get<N extends keyof P & string>(
    name: N,
    options: GetOptions = {},
  ): Promise<ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>> {
    const alias = options.alias ?? this.#settings.alias;
    const pointed = this.#pointers.peek(`${name}/${alias}`)?.fresh();
    if (!pointed) return this.#find(name, alias, options);
    return Promise.resolve(
      new ManagedPrompt(this.#host, name, alias as string, pointed, fallbackContent(options.fallback)),
    );
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
    const { clock, metrics, parameterPrefix: registry } = this.#settings;
    const alias = options.alias ?? this.#settings.alias;
    for (let isRepeat = false; ; isRepeat = true) {
      // Quiet: the one line of this use is written here.
      const prompt = await this.#find<N>(name, alias, options, true);
      const request = prompt.converse(variables, options);
      const latency = stopwatch(clock);
      const tell = (usage: TokenUsage, isLast: boolean, error?: string) => {
        const use = { ...prompt.use('run', options), error };
        if (metrics) metrics(embeddedMetrics({ use, registry, latency: latency(), usage, time: clock.wall() }));
        if (isLast) this.#record(use, usage);
      };
      try {
        const answer = await call(request, prompt);
        tell(tokenUsage(answer), true);
        return answer;
      } catch (error) {
        const { versionArn } = prompt;
        const errorName = String((error as Error)?.name);
        // By Bedrock's own names only: another server's 403 or 404 says nothing about the version.
        const isRefusal = versionArn && /^(AccessDenied|ResourceNotFound)/.test(errorName);
        tell({}, !isRefusal || isRepeat, errorName);
        if (!isRefusal) throw error;
        const refused = refusal(versionArn, ...VERSION_CODES, error) as RegistryError;
        this.#pointer(name, prompt.alias).refuse(versionArn, refused);
        if (isRepeat) throw refused;
      }
    }
  }

  async #find<N extends keyof P & string>(
    name: N,
    alias: string | undefined,
    { fallback }: GetOptions,
    quiet?: boolean,
  ): Promise<ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>> {
    if (!alias) {
      throw new RegistryError('AliasRequired', `${name} needs an alias, found none; write { alias: 'PROD' }`);
    }
    const pointer = this.#pointer(name, alias);
    const pointed = await pointer.resolve(fallback !== undefined).catch((error) => {
      if (EXISTS.includes(error.code)) this.#pointers.keep(`${name}/${alias}`, pointer);
      throw error;
    });
    if (pointed.versionArn) this.#pointers.keep(`${name}/${alias}`, pointer);
    return new ManagedPrompt(this.#host, name, alias, pointed, fallbackContent(fallback), quiet);
  }

  #pointer(name: string, alias: string): AliasPointer {
    const key = `${name}/${alias}`;
    return this.#pointers.get(key, () => {
      const parameter = parameterName(this.#settings.parameterPrefix, name, alias);
      return aliasPointer(key, this.#settings, () => this.#readAlias(parameter));
    });
  }

  async #load(name: string, alias: string, versionArn: string, fallback: PromptContent | undefined) {
    const pointer = this.#pointer(name, alias);
    try {
      return await this.#contents.load(versionArn);
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
    this.#telemetry(use, usage);
  }
}
