import { SCORE_NAME } from '../core/contract/prompt-metrics';
import { versionOfArn } from '../core/contract/version-arn';
import { costOf } from '../core/models/model-prices';
import { RegistryError } from '../core/registry-error';
import { AliasPointer, type AliasPointerHost, unavailable } from './alias-pointer';
import { type AliasPointers, aliasPointers } from './alias-pointers';
import { aliasReader } from './alias-reader';
import { type CallPrice, callPrice } from './call-price';
import { isWorthRepeating } from './candidate-failure';
import { Stopwatch } from './clock';
import { contentReader } from './content-reader';
import { type ContentStore, contentStore, type PromptContent } from './content-store';
import type { ConverseRequest } from './converse-request';
import { environmentOptions } from './environment';
import { readExposure } from './exposure';
import { fallbackContent } from './fallback';
import { FirstUses } from './first-uses';
import { judge } from './judge';
import { ManagedPrompt, type PromptHost } from './managed-prompt';
import { parameterName } from './names';
import { FALLBACK, type Pointed } from './pointed';
import { type PromptClientOptions, type PromptClientSettings, resolveOptions } from './prompt-client-options';
import { embeddedMetrics, firstUseMetrics, scoreMetrics } from './prompt-metrics';
import type { PromptRunner } from './prompt-runner';
import type { CompiledOf, PromptType, UntypedPrompts, VariablesOf } from './prompt-types';
import type { PromptUse } from './prompt-use';
import { isVersionRefusal } from './refusal';
import type { GetOptions, RunOptions } from './run-options';
import { endSpan, type Span, type Telemetry, telemetry } from './telemetry';
import { countsCacheAsInput, type TokenUsage, tokenUsage } from './token-usage';
import { type VersionCheck, versionCheck } from './version-check';

type PromptOf<P, N extends keyof P> = ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>;

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
export class PromptClient<P extends { [N in keyof P]: PromptType } = UntypedPrompts> implements PromptRunner<P> {
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
  readonly #check: VersionCheck;
  /** Undefined without prices: then nothing costs anything. */
  readonly #price: CallPrice | undefined;
  readonly #telemetry: Telemetry;
  readonly #scored = new FirstUses();
  readonly #pointerHost: AliasPointerHost;
  readonly #host: PromptHost;
  /** Of prompts in `run`, which writes the one line of a use itself. */
  readonly #quietHost: PromptHost;

  /** @throws RegistryError `InvalidOption`, `InvalidSnapshot` */
  constructor(options: PromptClientOptions) {
    this.#settings = resolveOptions(options);
    const { snapshot, spanNames, prices, metrics, clock, maxStale, ttl } = this.#settings;
    this.#telemetry = telemetry(spanNames);
    this.#pointers = aliasPointers((name, alias) => Boolean(snapshot?.aliases[`${name}/${alias}`]));
    const readAlias = aliasReader(this.#settings);
    const ask: AliasPointerHost['ask'] = (name, alias, anew) => readAlias(this.#parameterName(name, alias), anew);
    this.#pointerHost = { clock, ttl, maxStale, snapshot, ask };
    const readContent = contentReader(this.#settings);
    this.#contents = contentStore(this.#settings, readContent);
    this.#price = prices && metrics ? callPrice({ ...this.#settings, prices }, this.#contents) : undefined;
    this.#check = versionCheck(clock, readContent);
    this.#host = {
      peek: (arn) => this.#contents.peek(arn),
      ready: (arn) => this.#contents.ready(arn),
      load: (...wanted) => this.#load(...wanted),
      record: (use) => this.#record(use),
      random: () => clock.random(),
    };
    this.#quietHost = { ...this.#host, record: () => undefined };
  }

  /**
   * The version that the alias points to. At most one request to SSM, none to Bedrock, and no request at all while the
   * alias is younger than `ttl`.
   *
   * @throws RegistryError `AliasNotFound`, `AliasIsNone`, `AccessDenied`, `InvalidAliasValue`, `VersionRefused`,
   * `VersionNotFound`: the registry says no. `RegistryUnavailable`: it says nothing, and there is nothing else to
   * serve. `AliasRequired`, `InvalidName`, `MissingSdk`
   */
  get<N extends keyof P & string>(name: N, options: GetOptions = {}): Promise<PromptOf<P, N>> {
    const alias = options.alias ?? this.#settings.alias;
    const pointed = alias && this.#pointers.peek(name, alias)?.fresh(keyOf(options));
    if (!pointed) return this.#find(name, alias, options);
    return Promise.resolve(this.#managed<N>(this.#host, name, alias, pointed, options));
  }

  /**
   * Finds the version, calls the model, writes one line to the access log and the metrics of the call, and a span where
   * none is active.
   *
   * If `call` fails as it would for a version that was taken away, Bedrock is asked about the version. If it was, the
   * alias is asked anew and the model called once more with the version it names now. If the version's model cannot be
   * called, a `fallback` with a model of its own is used. If it was denied and the alias asks for another guardrail now, it
   * is called once more with that one.
   *
   * In a rollout, `targetingKey` or `sessionId` says who gets the candidate. If the candidate fails in whatever way, but
   * for throttling and calls that the caller gave up, `call` runs once more with stable.
   *
   * @param call sends the request, or what `prompt.compile` makes, to a model. It may run more than once: where it has
   * done what must not be done again, it throws an error of its
   * own named `AbortError`, which is not repeated
   * @throws RegistryError as `get` and `ManagedPrompt.converse`; `ModelEnded`, `ModelLegacy`, `ModelNotEnabled`,
   * `ModelInvalid`, `ModelNeedsProfile`: the version's model cannot be called. Else whatever `call` throws, as it is
   */
  async run<N extends keyof P & string, R>(
    name: N,
    variables: VariablesOf<P, N>,
    call: (request: ConverseRequest, prompt: ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>) => Promise<R>,
    options: RunOptions = {},
  ): Promise<R> {
    const { clock } = this.#settings;
    const alias = options.alias ?? this.#settings.alias;
    let prompt = await this.#find<N>(name, alias, options, this.#quietHost);
    let countFirst = this.#firstUse(prompt);
    for (let isRepeat = false; ; ) {
      let next: PromptOf<P, N> | undefined;
      let request: ConverseRequest | undefined;
      let span: Span | undefined;
      let stopwatch = new Stopwatch(clock);
      try {
        const sent = prompt.converse(variables, options);
        request = sent;
        span = this.#telemetry.start(name);
        const price = this.#price?.(prompt.versionArn, sent.modelId);
        stopwatch = new Stopwatch(clock);
        const answer = await this.#telemetry.under(span, () => call(sent, prompt));
        const latency = stopwatch.elapsed();
        countFirst?.(latency);
        countFirst = undefined;
        const usage = tokenUsage(answer);
        const use = { ...prompt.use('run', options), error: undefined };
        // A model that the caller named is not the version's.
        const cost =
          price && costOf(paidTokens(answer, usage), await (use.model ? this.#price?.(undefined, use.model) : price));
        this.#report(use, latency, usage, true, span, cost);
        endSpan(span);
        return answer;
      } catch (error) {
        countFirst?.(undefined);
        countFirst = undefined;
        // The caller's mistake, unless it is one with the candidate only.
        if (!request && !isCandidate(prompt)) throw error;
        next = await this.#failed<N>(error, prompt, options, stopwatch.elapsed(), isRepeat, span);
      }
      isRepeat ||= !next;
      prompt = next ?? (await this.#find<N>(name, alias, options, this.#quietHost, true));
    }
  }

  /**
   * Counts what somebody says of an answer, as a metric of the version that gave it: `helpful`, yes or no. Never fails for
   * what comes from outside; asks SSM as `get` does.
   *
   * @param exposure of the prompt that was used; it may have travelled through a browser
   * @param name a word of yours, not one from outside: CloudWatch bills a metric for each
   * @returns whether it was counted. Not without an exposure, not a second time, not where its rollout is no longer the
   * alias's, or is a split that does not list the name, or the registry does not answer, and not with `metrics: false`
   * @throws RegistryError `InvalidOption`
   */
  async score(exposure: string | undefined, name: string, value: boolean): Promise<boolean> {
    if (!SCORE_NAME.test(name) || typeof value !== 'boolean') {
      throw new RegistryError(
        'InvalidOption',
        `a score must be named like helpful and be true or false, found ${name}`,
      );
    }
    const { clock, metrics, parameterPrefix: registry } = this.#settings;
    const { plan, version, alias, prompt: written, isCut } = readExposure(exposure);
    const named = isCut ? this.#pointers.prompts(alias).filter((known) => known.startsWith(written)) : [written];
    const [prompt = ''] = named;
    if (!metrics || !plan || named.length !== 1 || !(await this.#isScored(prompt, alias, plan, version, name)))
      return false;
    if (!this.#scored.add(`${name} ${exposure}`)) return false;
    metrics(scoreMetrics({ registry, prompt, alias, version, time: clock.wall() }, name, value));
    return true;
  }

  /** Whether the alias has this rollout, which has such a score, and the version is one of its two. */
  async #isScored(prompt: string, alias: string, plan: number, version: number, name: string): Promise<boolean> {
    try {
      await this.#find(prompt as keyof P & string, alias, {}, this.#quietHost);
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
    return this.#pointer(prompt, alias).isScored(plan, version, name);
  }

  /**
   * What to call after a failed call: stable in place of the candidate, the caller's fallback, or (undefined) the version
   * that the alias names now.
   *
   * @throws the call's error, or what it says of the version, where there is nothing else to call
   */
  async #failed<N extends keyof P & string>(
    error: unknown,
    prompt: PromptOf<P, N>,
    options: RunOptions,
    latency: number,
    isRepeat: boolean,
    span: Span | undefined,
  ): Promise<PromptOf<P, N> | undefined> {
    const { name, alias, versionArn, drawn } = prompt;
    const verdict = versionArn ? await judge(error, versionArn, this.#check) : undefined;
    const isGone = isVersionRefusal(verdict);
    const errorName = verdict?.code ?? String((error as Error)?.name);
    const hasMoved = isGone || (await this.#asksForAnother(error, prompt, isRepeat));
    let standIn = verdict && !hasMoved ? this.#standIn<N>(prompt, options) : undefined;
    // Nobody has to see an error of a version that is being tried.
    if (drawn && isCandidate(prompt) && isWorthRepeating(error)) {
      const candidateError = error instanceof RegistryError ? error.code : errorName;
      const stable = { ...drawn.stable, drawn: { ...drawn, candidateError } };
      standIn = this.#managed<N>(this.#quietHost, name, alias, stable, options);
    }
    const isLast = !standIn && (isRepeat || !hasMoved);
    const use = { ...prompt.use('run', options), error: errorName };
    this.#report(use, latency, {}, isLast, span);
    endSpan(span, error);
    if (versionArn && isGone) this.#pointer(name, alias).refuse(versionArn, verdict);
    if (isLast) throw verdict ?? error;
    return standIn;
  }

  /**
   * Counts the use if it is the key's first of its version in this step, once it is known how the call ended. Anew in each
   * step: those who come to the candidate then were counted for stable before, most of all those who call often, and against
   * users of stable who had not called yet they would be another kind of people. A candidate that Bedrock
   * refused before counts as failed, though nobody called it: its users did not get it.
   */
  #firstUse({ name, alias, versionArn, drawn }: ManagedPrompt): ((latency: number | undefined) => void) | undefined {
    const { clock, metrics, parameterPrefix: registry } = this.#settings;
    if (!drawn || !metrics) return undefined;
    const { arm, firsts, key, plan, share } = drawn;
    // A call without a key is the first of its own.
    if (key && !firsts.add(`${plan} ${share} ${versionOfArn(arm)} ${key}`)) return undefined;
    return (latency) => {
      const version = versionOfArn(arm) ?? undefined;
      const where = { registry, prompt: name, alias, version, time: clock.wall() };
      metrics(firstUseMetrics(where, arm === versionArn ? latency : undefined));
    };
  }

  /** Whether an error may be of a guardrail, and the alias asks for another one by now than the call named. */
  async #asksForAnother(error: unknown, { name, alias, named }: ManagedPrompt, isRepeat: boolean): Promise<boolean> {
    if (isRepeat || !/InvokeModel|guardrail/i.test(`${(error as Error)?.message}`)) return false;
    const now = await this.#pointer(name, alias).again();
    return now !== undefined && now.guardrail !== named;
  }

  /** The caller's fallback, where a version's model cannot be called. */
  #standIn<N extends keyof P & string>({ name, alias, named }: PromptOf<P, N>, options: GetOptions) {
    const content = fallbackContent(options.fallback);
    if (!content?.variant.modelId) return undefined;
    return this.#managed<N>(this.#quietHost, name, alias, { ...FALLBACK, guardrail: named }, options);
  }

  #managed<N extends keyof P & string>(
    host: PromptHost,
    name: string,
    alias: string,
    pointed: Pointed,
    { fallback, sessionId }: GetOptions,
  ): PromptOf<P, N> {
    return new ManagedPrompt(host, name, alias, pointed, fallbackContent(fallback), sessionId);
  }

  async #find<N extends keyof P & string>(
    name: N,
    alias: string | undefined,
    options: GetOptions,
    host = this.#host,
    isStableOnly = false,
  ): Promise<PromptOf<P, N>> {
    if (!alias) {
      throw new RegistryError('AliasRequired', `${name} needs an alias, found none; write { alias: 'PROD' }`);
    }
    const { fallback } = options;
    const pointer = this.#pointer(name, alias);
    const { files = {} } = this.#settings.snapshot ?? {};
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    const spare = fallback ?? file;
    const pointed = await pointer.resolve(spare !== undefined, keyOf(options)).catch((error) => {
      // Not deployed yet: what snapshots have of files is for that.
      if (file && error.code === 'AliasNotFound') return FALLBACK;
      if (EXISTS.includes(error.code)) this.#pointers.keep(name, alias, pointer);
      throw error;
    });
    if (pointed.versionArn) this.#pointers.keep(name, alias, pointer);
    // A file stands in for no version: only where there is none.
    const held = { ...options, fallback: pointed.versionArn ? fallback : spare };
    return this.#managed(host, name, alias, isStableOnly ? (pointed.drawn?.stable ?? pointed) : pointed, held);
  }

  #pointer(name: string, alias: string): AliasPointer {
    return this.#pointers.get(name, alias, () => {
      // Names that no registry can have made are refused here, and not kept.
      this.#parameterName(name, alias);
      return new AliasPointer(this.#pointerHost, name, alias);
    });
  }

  #parameterName(name: string, alias: string): string {
    return parameterName(this.#settings.parameterPrefix, name, alias);
  }

  async #load(name: string, alias: string, versionArn: string, fallback: PromptContent | undefined) {
    const pointer = this.#pointer(name, alias);
    try {
      return await this.#contents.load(versionArn);
    } catch (error) {
      if (!isVersionRefusal(error)) {
        if (error instanceof RegistryError) throw error;
        if (fallback) return fallback;
        throw unavailable(`the content of ${versionArn}`, error);
      }
      pointer.refuse(versionArn, error);
      await pointer.resolve(false).catch(() => undefined);
      throw error;
    }
  }

  /** Metrics of each call to a model; the line in the access log for the last one only. */
  #report(
    use: PromptUse,
    latency: number,
    usage: TokenUsage,
    isLast: boolean,
    span: Span | undefined,
    cost?: number,
  ): void {
    const { clock, metrics, parameterPrefix: registry } = this.#settings;
    if (metrics) metrics(embeddedMetrics({ use, registry, latency, usage, cost, time: clock.wall() }));
    if (isLast) this.#record(use, usage, span);
    else if (span) this.#telemetry.record(use, usage, span);
  }

  #record(use: PromptUse, usage?: TokenUsage, span?: Span): void {
    const { logger } = this.#settings;
    if (logger) logger.info('prompt used', use);
    this.#telemetry.record(use, usage, span);
  }
}

/** Whom a rollout gives the same version again. An empty text would make one user of all who have none. */
function keyOf({ targetingKey, sessionId }: GetOptions): string | undefined {
  return targetingKey || sessionId || undefined;
}

function isCandidate({ drawn, versionArn }: ManagedPrompt): boolean {
  return drawn !== undefined && versionArn !== drawn.stable.versionArn;
}

/** Tokens that are paid as input, without those that a cache held. */
function paidTokens(answer: unknown, usage: TokenUsage): TokenUsage {
  const { inputTokens, cacheReadTokens = 0 } = usage;
  if (inputTokens === undefined || !countsCacheAsInput(answer)) return usage;
  return { ...usage, inputTokens: inputTokens - cacheReadTokens };
}
