import { readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import type {
  PromptInputVariable,
  PromptTemplateConfiguration,
  PromptVariantContent,
} from '../core/content/prompt-content';
import { templateVariables } from '../core/content/template-variables';
import { parsePromptFile } from '../core/prompt-file/prompt-file';
import { portableText } from '../core/text/portable-text';
import { atConstruct, constructError } from './private/construct-error';
import { fileCommit } from './private/file-commit';
import { refuseUnknownFields } from './private/unknown-fields';
import type { PromptBlock } from './prompt-block';
import type { PromptMessage } from './prompt-message';
import type { PromptTool } from './prompt-tool';
import type { PromptToolChoice } from './prompt-tool-choice';

/** How the model is asked to answer. Values that are left out are the model's own. */
export interface PromptInference {
  /** 0 to 1. @default - the model's */
  readonly temperature?: number;
  /** 0 to 1. @default - the model's */
  readonly topP?: number;
  /** Longest answer in tokens, at most 512,000. @default - the model's */
  readonly maxTokens?: number;
  /** At most 4 texts that end the answer. @default - none */
  readonly stopSequences?: string[];
}

/** What every variant has. */
export interface PromptVariantOptions {
  /**
   * What answers: a model's id, or the ARN of a foundation model; the id or ARN of an inference profile (`us.…`,
   * `global.…`); the ARN of an application inference profile or of anything else that Bedrock can invoke. It may be a
   * token, such as the ARN of a profile that the same app defines. Retain such a profile
   * (`applyRemovalPolicy(RemovalPolicy.RETAIN)`): another `ModelSource` replaces it, which would delete the profile that
   * released versions still run on.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-applicationinferenceprofile.html
   * @default - none: for a model outside Bedrock, or one that the caller chooses
   */
  readonly model?: string;

  /** How the model is asked to answer. @default - the model's own values */
  readonly inference?: PromptInference;

  /** The variables of the template: at most 20. @default - those that it uses */
  readonly variables?: string[];

  /** Fields that the model's own API understands, as JSON. @default - none */
  readonly additionalModelRequestFields?: { readonly [field: string]: unknown };

  /** At most 50 pairs that are kept with the version. Not part of the content digest. @default - none */
  readonly metadata?: { readonly [key: string]: string };
}

/** A prompt that is one text. */
export interface TextPromptVariantOptions extends PromptVariantOptions {
  /** 1 to 200,000 characters; `{{name}}` marks a variable. Line ends count as `\n`, so that any checkout has one digest. */
  readonly text: string;

  /**
   * Whether the model may keep the text, so that later calls need not process it again.
   *
   * @default false
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
   */
  readonly cachePoint?: boolean;
}

/** A prompt that is a conversation. */
export interface ChatPromptVariantOptions extends PromptVariantOptions {
  /** What the model is told before the conversation. @default - nothing */
  readonly system?: PromptBlock[];

  /** The conversation; what the caller sends along follows after it. */
  readonly messages: PromptMessage[];

  /** Tools that the model may ask for. @default - none */
  readonly tools?: PromptTool[];

  /** Which of the tools the model has to ask for. @default - the model decides */
  readonly toolChoice?: PromptToolChoice;
}

/** What another environment has otherwise than a prompt's file says. */
export interface FilePromptVariantOptions {
  /**
   * What answers, in place of the file's `model`: as in `PromptVariantOptions`. Where environments differ in it, one file
   * has another content digest in each.
   *
   * @default - the file's
   */
  readonly model?: string;
}

/** A prompt file as it was read. @internal */
export interface PromptSource {
  readonly path: string;
  readonly text: string;
}

/** What a variant brings to its prompt. @internal */
export interface PromptVariantConfig {
  /** The variant as Bedrock knows it. */
  readonly content: PromptVariantContent;
  /** Name of the prompt. @default - the prompt must be given a name */
  readonly promptName?: string;
  /** Description of the prompt. @default - no description */
  readonly description?: string;
  /** Names the content. @default - no tag */
  readonly tag?: string;
  /** Note of a new version. @default - no note */
  readonly versionNote?: string;
  /** The file that it comes from. @default - it is written in code */
  readonly source?: PromptSource;
}

/** The content of a prompt: template, model and inference settings. */
export abstract class PromptVariant {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'PromptVariant';

  /** A prompt that is one text, written in code. */
  public static text(options: TextPromptVariantOptions): PromptVariant {
    return new TextPromptVariant(options);
  }

  /**
   * A prompt that is a conversation, written in code: system text, messages, tools.
   *
   * @example
   * PromptVariant.chat({
   *   system: [PromptBlock.text('You sort letters for {{company}}.'), PromptBlock.cachePoint()],
   *   messages: [PromptMessage.user('Sort this: {{letter}}')],
   *   tools: [PromptTool.function({ name: 'file_letter', inputSchema: { type: 'object' } })],
   *   toolChoice: PromptToolChoice.any(),
   *   model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
   * });
   */
  public static chat(options: ChatPromptVariantOptions): PromptVariant {
    return new ChatPromptVariant(options);
  }

  /**
   * A prompt in a Dotprompt file: YAML front matter, then the template.
   *
   * `{{>style}}` stands for the text of `_style.prompt` in the file's folder, or in the nearest folder above it.
   *
   * The file's name is the default of `promptName`, its `description` that of `description`, and the commit that last
   * changed it that of `versionNote`. A relative path is meant
   * from the working directory, which for the `cdk` command is the folder of `cdk.json`.
   *
   * @see https://google.github.io/dotprompt/reference/frontmatter/
   */
  public static fromFile(path: string, options: FilePromptVariantOptions = {}): PromptVariant {
    return new FilePromptVariant(path, options);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): PromptVariantConfig;
}

const SETTINGS: Record<keyof PromptVariantOptions, true> = {
  model: true,
  inference: true,
  variables: true,
  additionalModelRequestFields: true,
  metadata: true,
};
const TEXT: Record<keyof TextPromptVariantOptions, true> = { text: true, cachePoint: true, ...SETTINGS };
const CHAT: Record<keyof ChatPromptVariantOptions, true> = {
  system: true,
  messages: true,
  tools: true,
  toolChoice: true,
  ...SETTINGS,
};
const FILE: Record<keyof FilePromptVariantOptions, true> = { model: true };
const INFERENCE: Record<keyof PromptInference, true> = {
  temperature: true,
  topP: true,
  maxTokens: true,
  stopSequences: true,
};

class TextPromptVariant extends PromptVariant {
  constructor(private readonly options: TextPromptVariantOptions) {
    super();
  }

  public override _bind(scope: IConstruct): PromptVariantConfig {
    const { cachePoint } = this.options;
    const text = portableText(this.options.text);
    refuseUnknownFields(scope, 'PromptVariant.text()', this.options, TEXT);
    const template = {
      text,
      ...inputVariables(this.options, [text]),
      ...(cachePoint && { cachePoint: { type: 'default' as const } }),
    };
    return { content: { templateType: 'TEXT', ...settings(scope, this.options, { text: template }) } };
  }
}

class ChatPromptVariant extends PromptVariant {
  constructor(private readonly options: ChatPromptVariantOptions) {
    super();
  }

  public override _bind(scope: IConstruct): PromptVariantConfig {
    refuseUnknownFields(scope, 'PromptVariant.chat()', this.options, CHAT);
    const { toolChoice } = this.options;
    const system = (this.options.system ?? []).map(({ _content }) => _content);
    const messages = this.options.messages.map(({ _content }) => _content);
    const tools = (this.options.tools ?? []).map((tool) => tool._bind(scope));
    const texts = [...system, ...messages.flatMap(({ content }) => content)].flatMap(({ text }) => text ?? []);
    const template = {
      messages,
      ...(system.length > 0 && { system }),
      ...inputVariables(this.options, texts),
      ...((tools.length > 0 || toolChoice) && {
        toolConfiguration: { tools, ...(toolChoice && { toolChoice: toolChoice._content }) },
      }),
    };
    return { content: { templateType: 'CHAT', ...settings(scope, this.options, { chat: template }) } };
  }
}

function inputVariables(
  { variables }: PromptVariantOptions,
  texts: readonly string[],
): { inputVariables?: PromptInputVariable[] } {
  const names = variables ?? [...new Set(texts.flatMap((text) => templateVariables(text).names))];
  return names.length > 0 ? { inputVariables: names.map((name) => ({ name })) } : {};
}

function settings(
  scope: IConstruct,
  { model, inference, additionalModelRequestFields, metadata }: PromptVariantOptions,
  templateConfiguration: PromptTemplateConfiguration,
): Omit<PromptVariantContent, 'templateType'> {
  refuseUnknownFields(scope, 'inference', inference ?? {}, INFERENCE);
  return {
    templateConfiguration,
    ...(model !== undefined && { modelId: model }),
    ...(inference && { inferenceConfiguration: { text: { ...inference } } }),
    ...(additionalModelRequestFields && { additionalModelRequestFields }),
    ...(metadata && { metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })) }),
  };
}

class FilePromptVariant extends PromptVariant {
  constructor(
    private readonly path: string,
    private readonly options: FilePromptVariantOptions,
  ) {
    super();
  }

  public override _bind(scope: IConstruct): PromptVariantConfig {
    const source = this.read(scope);
    const { model } = this.options;
    refuseUnknownFields(scope, 'PromptVariant.fromFile()', this.options, FILE);
    const read = (path: string) => this.readPartial(scope, path);
    const parsed = atConstruct(scope, () => parsePromptFile(source, this.path, read));
    const { variant, name, description, tag, partials } = parsed;
    const commit = fileCommit(this.path, partials);
    return {
      content: model === undefined ? variant : { ...variant, modelId: model },
      promptName: name,
      source: { path: this.path, text: new TextDecoder().decode(source) },
      ...(description !== undefined && { description }),
      ...(tag !== undefined && { tag }),
      ...(commit !== undefined && { versionNote: `commit ${commit}` }),
    };
  }

  private read(scope: IConstruct): Uint8Array {
    try {
      return readFileSync(this.path);
    } catch (error) {
      throw constructError(
        scope,
        'MissingPromptFile',
        `expected a prompt file at ${this.path}, found none that can be read (${(error as NodeJS.ErrnoException).code}): give a path from ${process.cwd()}`,
        error,
      );
    }
  }

  private readPartial(scope: IConstruct, path: string): Uint8Array | undefined {
    try {
      return readFileSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw constructError(
        scope,
        'MissingPromptFile',
        `expected a partial at ${path}, found none that can be read (${code}): mend the file, or do not include it in ${this.path}`,
        error,
      );
    }
  }
}
