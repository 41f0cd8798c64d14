import { type IResource, RemovalPolicy, Resource, Token } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { aws_bedrock, aws_kms } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { checkPromptName, withdrawnParameterId } from '../core/names';
import { checkVariant, PROMPT_LIMITS } from '../core/prompt-limits';
import { claimInEnvironment, claimInStack } from './private/claimed-name';
import { atConstruct, constructError } from './private/construct-error';
import { freezeLogicalId } from './private/frozen-logical-id';
import { PromptPermissions } from './private/prompt-permissions';
import { PromptAlias, type PromptAliasOptions } from './prompt-alias';
import type { IPromptRegistry } from './prompt-registry';
import type { PromptVariant } from './prompt-variant';
import { PromptVersion } from './prompt-version';

/** A prompt of a registry. */
export interface IPrompt extends IResource, aws_bedrock.IPromptRef {
  /** The registry that the prompt belongs to. */
  readonly registry: IPromptRegistry;

  /** Name of the prompt in Bedrock. */
  readonly promptName: string;

  /** The 10-character id of the prompt. */
  readonly promptId: string;

  /** ARN of the prompt, which is also that of its draft. */
  readonly promptArn: string;

  /** The customer managed key of the prompt. @default - a key of AWS */
  readonly encryptionKey?: aws_kms.IKeyRef;

  /** The version that holds the present content. @default - the prompt is not published from here */
  readonly currentVersion?: PromptVersion;
}

/** Settings of a `Prompt`. */
export interface PromptProps {
  /** The registry that publishes and releases the prompt's versions. */
  readonly registry: IPromptRegistry;

  /** The content: template, model, inference settings. */
  readonly variant: PromptVariant;

  /**
   * Name of the prompt: letters and digits, each followed by at most one `_` or `-`, 1 to 100 of them.
   *
   * Logical ids, parameter names and policy names are made of it: another name is another prompt.
   *
   * @default - the name of the variant's file
   */
  readonly promptName?: string;

  /** At most 200 characters. Not part of the content. @default - the description in the variant's file */
  readonly description?: string;

  /** A sentence that is kept in the description of a new version: at most 131 characters. @default - none */
  readonly versionNote?: string;

  /** Customer managed key that encrypts the prompt and its versions. @default - a key of AWS */
  readonly encryptionKey?: aws_kms.IKeyRef;

  /**
   * Versions that are never deleted to make room under Bedrock's limit of 10 versions per prompt.
   *
   * @default - only those that aliases point to or pointed to just before, and those that this registry did not make
   */
  readonly keepVersions?: number[];
}

/**
 * Defines a Bedrock prompt whose versions follow its content.
 *
 * Deleting a prompt in Bedrock deletes all its versions, so the stack lets go of it instead.
 *
 * @example
 * const prompt = new Prompt(this, 'FinancialAnalysis', {
 *   registry,
 *   variant: PromptVariant.fromFile('prompts/financial-analysis.prompt'),
 * });
 * const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
 */
export class Prompt extends Resource implements IPrompt {
  public readonly registry: IPromptRegistry;
  public readonly promptName: string;
  public readonly promptId: string;
  public readonly promptArn: string;
  public readonly encryptionKey?: aws_kms.IKeyRef;
  public readonly currentVersion: PromptVersion;

  constructor(scope: Construct, id: string, props: PromptProps) {
    super(scope, id);
    const { content, ...defaults } = props.variant._bind(this);
    this.registry = props.registry;
    this.promptName = this.checkedName(props.promptName ?? defaults.promptName);
    this.encryptionKey = props.encryptionKey;
    const description = this.checkedDescription(props.description ?? defaults.description);
    checkVariant(content, this.node.path, (value) => Token.isUnresolved(value));

    const draft = new CfnPrompt(this, 'Resource', {
      name: this.promptName,
      description,
      customerEncryptionKeyArn: props.encryptionKey?.keyRef.keyArn,
      defaultVariant: VARIANT,
      variants: [{ ...content, name: VARIANT }],
    });
    draft.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    freezeLogicalId(draft, { parameterPrefix: this.registry.parameterPrefix, promptName: this.promptName }, 'Prompt');
    this.promptId = draft.attrId;
    this.promptArn = draft.attrArn;
    PromptPermissions.of(this, this.registry).add(this);

    this.currentVersion = new PromptVersion(this, 'CurrentVersion', {
      prompt: this,
      draft,
      versionNote: props.versionNote,
      keepVersions: props.keepVersions,
    });
  }

  public get promptRef(): aws_bedrock.PromptReference {
    return { promptArn: this.promptArn };
  }

  /** Defines an alias of this prompt, such as `STAGING` or `PROD`. */
  public addAlias(aliasName: string, options: PromptAliasOptions = {}): PromptAlias {
    return new PromptAlias(this, aliasName, { prompt: this, aliasName, ...options });
  }

  private checkedName(name: string | undefined): string {
    if (name === undefined) {
      throw constructError(
        this,
        'InvalidPromptName',
        'expected a promptName, found none: only a variant from a file brings a name, so set promptName',
      );
    }
    if (Token.isUnresolved(name)) {
      throw constructError(
        this,
        'InvalidPromptName',
        'expected a promptName that is known at synth, found a token: logical ids and policy names are made of it, so write it out',
      );
    }
    atConstruct(this, () => checkPromptName(name));
    const { parameterPrefix } = this.registry;
    claimInEnvironment(this, `prompt ${parameterPrefix}/${name}`, `the prompt ${name}`);
    claimInStack(this, `parameter ${withdrawnParameterId(name)}`, `the parameter ${withdrawnParameterId(name)}`);
    return name;
  }

  private checkedDescription(description: string | undefined): string | undefined {
    const length = description === undefined || Token.isUnresolved(description) ? 1 : description.length;
    if (length < 1 || length > PROMPT_LIMITS.descriptionLength) {
      throw constructError(
        this,
        'InvalidPrompt',
        `expected a description of 1 to ${PROMPT_LIMITS.descriptionLength} characters, found ${length}: shorten it or leave it out`,
      );
    }
    return description;
  }
}

const VARIANT = 'default';
