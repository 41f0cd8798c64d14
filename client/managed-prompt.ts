import { type OpenAiRequest, openAiRequest } from '../core/content/openai-request';
import type { PromptVariantContent } from '../core/content/prompt-content';
import type { CompiledPrompt } from '../core/content/template';
import { checkVariables, type PromptVariables } from '../core/content/variables';
import { type GuardrailVersion, parseGuardrail } from '../core/contract/guardrail';
import type { PromptContent } from './content-store';
import { type ConverseRequest, converseRequest } from './converse-request';
import { writeExposure } from './exposure';
import { type Drawn, FALLBACK, type Pointed, type PromptSource } from './pointed';
import type { PromptUse } from './prompt-use';

export interface UseOptions {
  /** Goes to the access log, the span and `requestMetadata`. */
  readonly sessionId?: string;
}

export interface OpenAiOptions extends UseOptions {
  /** What the server calls the model. Goes to the access log and the span: no version names it. */
  readonly model: string;
}

/** What a prompt needs of the client that found it. */
export interface PromptHost {
  /** The content, or the fallback if that is out of reach. */
  load(name: string, alias: string, versionArn: string, fallback: PromptContent | undefined): Promise<PromptContent>;
  /** As `load`, where that needs no waiting: the hot path. */
  ready(versionArn: string): PromptContent | undefined;
  /** The content, if it needs no request. */
  peek(versionArn: string): PromptContent | undefined;
  record(use: PromptUse): void;
  random(): number;
}

/**
 * One version of a prompt, as an alias named it a moment ago. Cheap: get a new one for each use, do not keep it.
 */
export class ManagedPrompt<V extends PromptVariables = PromptVariables, C extends CompiledPrompt = CompiledPrompt> {
  readonly #host: PromptHost;
  readonly #fallback: PromptContent | undefined;
  #isFallback = false;
  #model: string | undefined;
  readonly #sessionId: string | undefined;
  #exposure: string | undefined;
  /** @internal */
  declare readonly drawn: Drawn | undefined;
  /** What callers must name, as SSM answered it. @internal */
  declare readonly named: string | undefined;
  declare readonly name: string;
  declare readonly alias: string;
  /** ARN of the version; undefined for a fallback. */
  declare readonly versionArn: string | undefined;
  declare readonly source: PromptSource;
  /** Milliseconds since the alias was asked, or the snapshot written; 0 for a fallback. */
  declare readonly age: number;

  /** @internal get one from `PromptClient` */
  constructor(
    host: PromptHost,
    name: string,
    alias: string,
    { versionArn, source, age, drawn, guardrail }: Pointed,
    fallback: PromptContent | undefined,
    sessionId: string | undefined,
  ) {
    this.#host = host;
    this.#fallback = fallback;
    this.#sessionId = sessionId;
    this.drawn = drawn;
    this.name = name;
    this.alias = alias;
    this.versionArn = versionArn;
    this.source = source;
    this.age = age;
    this.named = guardrail;
  }

  /** Number of the version; undefined for a fallback. */
  get version(): number | undefined {
    const { versionArn = '' } = this;
    return Number(versionArn.slice(versionArn.lastIndexOf(':') + 1)) || undefined;
  }

  /**
   * What the alias's callers must name in each call of a model, as `guardrailConfig` takes it; undefined where it asks for
   * none. `converse` names it by itself.
   */
  get guardrail(): GuardrailVersion | undefined {
    return parseGuardrail(this.named);
  }

  /** Content digest, once the content is known: after `compile` or `content`, or from a snapshot. */
  get digest(): string | undefined {
    return this.#peek()?.digest;
  }

  /**
   * Names this use of a rollout's version without naming its user, in 120 characters at most: send it where feedback comes
   * from, and give it to `prompts.score`. Undefined where no rollout is under way, or what it drew is not what is used.
   */
  get exposure(): string | undefined {
    const { alias, drawn, name, versionArn } = this;
    if (drawn?.arm !== versionArn) return undefined;
    this.#exposure ??= drawn && writeExposure(name, alias, drawn, this.#host.random);
    return this.#exposure;
  }

  /**
   * Input for Bedrock's Converse: no request is needed for it. Names of variables are checked if the content is known
   * here, else by Bedrock.
   *
   * @throws RegistryError `InvalidVariable`, `MissingVariable`, `UnknownVariable`, `FallbackWithoutModel`,
   * `FallbackUnsupported`
   */
  converse(variables: V, options: UseOptions = {}): ConverseRequest {
    const use = this.use('converse', options);
    const content = this.#peek();
    checkVariables(this.name, variables, content?.template.variables);
    const request = converseRequest(use, variables, content, this.guardrail);
    this.#host.record(use);
    return request;
  }

  /**
   * The prompt with its variables filled in: text, or system and messages for a CHAT prompt.
   *
   * @throws RegistryError `InvalidVariable`, `MissingVariable`, `UnknownVariable`; `VersionRefused`, `VersionNotFound`
   * or `RegistryUnavailable` if the content is not known and cannot be read
   */
  async compile(variables: V, options: UseOptions = {}): Promise<C> {
    const content = this.#ready() ?? (await this.#load());
    checkVariables(this.name, variables, content.template.variables);
    const compiled = content.template.fill(variables);
    this.#host.record(this.use('compile', options, content));
    return compiled as C;
  }

  /**
   * Body of a request to `/v1/chat/completions` of a server that speaks OpenAI's API (vLLM, llm-d, …): messages, settings
   * and tools of the version. Texts of one message are joined by a line end, as in `compile`.
   *
   * @throws RegistryError as `compile`, and `OpenAiUnsupported` where the content holds what has no place in it: cache
   * points, `additionalModelRequestFields`, agents
   */
  async openai(variables: V, { model, ...options }: OpenAiOptions): Promise<OpenAiRequest> {
    const content = this.#ready() ?? (await this.#load());
    checkVariables(this.name, variables, content.template.variables);
    const request = openAiRequest(this.name, model, content, variables);
    this.#model = model;
    this.#host.record(this.use('openai', options, content));
    return request;
  }

  /** The content as `GetPrompt` answers it: model, inference settings and tools too. Errors as `compile`. */
  async content(): Promise<PromptVariantContent> {
    return (this.#ready() ?? (await this.#load())).variant;
  }

  /**
   * What is logged of a use.
   *
   * @param content what is really used, where that may be the fallback instead of the version's own
   */
  use(
    operation: PromptUse['operation'],
    { sessionId = this.#sessionId }: UseOptions,
    content = this.#peek(),
  ): PromptUse {
    const { name: prompt, alias } = this;
    const model = this.#model;
    const really = content && content === this.#fallback ? (FALLBACK as this) : this;
    const { version, versionArn, source, age, drawn } = really;
    const digest = content?.digest;
    const use = { operation, prompt, alias, version, versionArn, digest, source, age, sessionId, model };
    if (!drawn) return use;
    const { plan, share, key, candidateError } = drawn;
    return { ...use, plan, share, key, candidateError };
  }

  #peek(): PromptContent | undefined {
    return this.versionArn ? this.#host.peek(this.versionArn) : this.#fallback;
  }

  #ready(): PromptContent | undefined {
    return this.versionArn && !this.#isFallback ? this.#host.ready(this.versionArn) : undefined;
  }

  async #load(): Promise<PromptContent> {
    const fallback = this.#fallback;
    // Once the fallback, always the fallback: its text with the version's tools would be neither.
    if (!this.versionArn || this.#isFallback) return fallback as PromptContent;
    const content = await this.#host.load(this.name, this.alias, this.versionArn, fallback);
    this.#isFallback = content === fallback;
    return content;
  }
}
