import { readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import type { PromptVariantContent } from '../core/prompt-content';
import { parsePromptFile } from '../core/prompt-file';
import { templateVariables } from '../core/template-variables';
import { atConstruct, constructError } from './private/construct-error';

/** How the model is asked to answer. Values that are left out are the model's own. */
export interface PromptInference {
  /** 0 to 1. @default - the model's */
  readonly temperature?: number;
  /** 0 to 1. @default - the model's */
  readonly topP?: number;
  /** Longest answer in tokens. @default - the model's */
  readonly maxTokens?: number;
  /** At most 4 texts that end the answer. @default - none */
  readonly stopSequences?: string[];
}

/** A prompt that is one text. */
export interface TextPromptVariantOptions {
  /** 1 to 200,000 characters; `{{name}}` marks a variable. */
  readonly text: string;

  /** Model id, or ARN of a model or an inference profile. @default - the caller chooses */
  readonly model?: string;

  /** @default - the model's own values */
  readonly inference?: PromptInference;

  /** The variables of the text: at most 20. @default - those that the text uses */
  readonly variables?: string[];

  /** Fields that the model's own API understands, as JSON. @default - none */
  readonly additionalModelRequestFields?: Record<string, unknown>;

  /** At most 50 pairs that are kept with the version. Not part of the content digest. @default - none */
  readonly metadata?: Record<string, string>;
}

/** What a variant brings to its prompt. */
export interface PromptVariantConfig {
  readonly content: PromptVariantContent;
  /** @default - the prompt must be given a name */
  readonly promptName?: string;
  /** @default - no description */
  readonly description?: string;
}

/** The content of a prompt: template, model and inference settings. */
export abstract class PromptVariant {
  /** A prompt that is one text, written in code. */
  public static text(options: TextPromptVariantOptions): PromptVariant {
    return new TextPromptVariant(options);
  }

  /**
   * A prompt in a Dotprompt file: YAML front matter, then the template.
   *
   * The file's name is the default of `promptName`, its `description` that of `description`. A relative path is meant
   * from the working directory, which for the `cdk` command is the folder of `cdk.json`.
   *
   * @see https://google.github.io/dotprompt/reference/frontmatter/
   */
  public static fromFile(path: string): PromptVariant {
    return new FilePromptVariant(path);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): PromptVariantConfig;
}

class TextPromptVariant extends PromptVariant {
  constructor(private readonly options: TextPromptVariantOptions) {
    super();
  }

  public override _bind(): PromptVariantConfig {
    const { text, model, inference, additionalModelRequestFields, metadata } = this.options;
    const variables = this.options.variables ?? templateVariables(text).names;
    return {
      content: {
        templateType: 'TEXT',
        templateConfiguration: {
          text: { text, ...(variables.length > 0 && { inputVariables: variables.map((name) => ({ name })) }) },
        },
        ...(model !== undefined && { modelId: model }),
        ...(inference && { inferenceConfiguration: { text: { ...inference } } }),
        ...(additionalModelRequestFields && { additionalModelRequestFields }),
        ...(metadata && { metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })) }),
      },
    };
  }
}

class FilePromptVariant extends PromptVariant {
  constructor(private readonly path: string) {
    super();
  }

  public override _bind(scope: IConstruct): PromptVariantConfig {
    const source = this.read(scope);
    const { variant, name, description } = atConstruct(scope, () => parsePromptFile(source, this.path));
    return { content: variant, promptName: name, ...(description !== undefined && { description }) };
  }

  private read(scope: IConstruct): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      throw constructError(
        scope,
        'MissingPromptFile',
        `expected a prompt file at ${this.path}, found none that can be read (${(error as NodeJS.ErrnoException).code}): give a path from ${process.cwd()}`,
        error,
      );
    }
  }
}
