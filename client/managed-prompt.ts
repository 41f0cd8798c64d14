import type { PromptVariantContent } from '../core/prompt-content';
import type { Pointed, PromptSource } from './alias-pointer';
import type { PromptContent } from './content-store';
import { type ConverseRequest, fallbackRequest, versionRequest } from './converse-request';
import type { PromptUse } from './prompt-use';
import type { CompiledPrompt } from './template';
import { checkVariables, type PromptVariables } from './variables';
import { parseVersionArn } from './version-arn';

export interface UseOptions {
  /** Goes to the access log, the span and `requestMetadata`. */
  readonly sessionId?: string;
}

/** What a prompt needs of the client that found it. */
export interface PromptHost {
  /** The content, or the fallback if that is out of reach. */
  load(name: string, alias: string, versionArn: string, fallback: PromptContent | undefined): Promise<PromptContent>;
  /** The content, if it needs no request. */
  peek(versionArn: string): PromptContent | undefined;
  record(use: PromptUse): void;
}

/**
 * One version of a prompt, as an alias named it a moment ago. Cheap: get a new one for each use, do not keep it.
 */
export class ManagedPrompt<V extends PromptVariables = PromptVariables, C extends CompiledPrompt = CompiledPrompt> {
  readonly #host: PromptHost;
  readonly #pointed: Pointed | undefined;
  readonly #fallback: PromptContent | undefined;

  /** @internal get one from `PromptClient` */
  constructor(
    host: PromptHost,
    readonly name: string,
    readonly alias: string,
    pointed: Pointed | undefined,
    fallback: PromptContent | undefined,
  ) {
    this.#host = host;
    this.#pointed = pointed;
    this.#fallback = fallback;
  }

  /** Number of the version; undefined for a fallback. */
  get version(): number | undefined {
    return this.#pointed && parseVersionArn(this.#pointed.versionArn)?.version;
  }

  /** ARN of the version; undefined for a fallback. */
  get versionArn(): string | undefined {
    return this.#pointed?.versionArn;
  }

  get source(): PromptSource {
    return this.#pointed?.source ?? 'fallback';
  }

  /** Milliseconds since the alias was asked, or the snapshot written; 0 for a fallback. */
  get age(): number {
    return this.#pointed?.age ?? 0;
  }

  /** Content digest, once the content is known: after `compile` or `content`, or from a snapshot. */
  get digest(): string | undefined {
    return this.#pointed && this.#host.peek(this.#pointed.versionArn)?.digest;
  }

  /**
   * Input for Bedrock's Converse: no request is needed for it. Names of variables are checked if the content is known
   * here, else by Bedrock.
   *
   * @throws RegistryError `InvalidVariable`, `MissingVariable`, `UnknownVariable`, `InvalidSessionId`,
   * `FallbackWithoutModel`
   */
  converse(variables: V, options: UseOptions = {}): ConverseRequest {
    const use = this.use('converse', options);
    const content = this.#pointed ? this.#host.peek(this.#pointed.versionArn) : this.#fallback;
    checkVariables(this.name, variables, content?.template.variables);
    const request = this.#pointed
      ? versionRequest(this.#pointed.versionArn, variables, use)
      : fallbackRequest(content as PromptContent, variables, use);
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
    const content = await this.#load();
    checkVariables(this.name, variables, content.template.variables);
    const compiled = content.template.fill(variables);
    this.#host.record(this.use('compile', options, content));
    return compiled as C;
  }

  /** The content as `GetPrompt` answers it: model, inference settings and tools too. Errors as `compile`. */
  async content(): Promise<PromptVariantContent> {
    return (await this.#load()).variant;
  }

  /**
   * What is logged of a use.
   *
   * @param content what is really used, where that may be the fallback instead of the version's own
   */
  use(operation: PromptUse['operation'], { sessionId }: UseOptions, content?: PromptContent): PromptUse {
    const pointed = content && content === this.#fallback ? undefined : this.#pointed;
    const digest = pointed && (content ?? this).digest;
    return {
      operation,
      prompt: this.name,
      alias: this.alias,
      ...(pointed && { version: this.version, versionArn: pointed.versionArn }),
      ...(digest && { digest }),
      source: pointed?.source ?? 'fallback',
      age: pointed?.age ?? 0,
      ...(sessionId && { sessionId }),
    };
  }

  async #load(): Promise<PromptContent> {
    const fallback = this.#fallback;
    if (!this.#pointed) return fallback as PromptContent;
    return this.#host.load(this.name, this.alias, this.#pointed.versionArn, fallback);
  }
}
