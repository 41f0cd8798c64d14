import { Annotations, RemovalPolicy, Token } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { aws_bedrock, aws_kms } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { freeJsonOf } from '../core/content/free-json';
import { checkVariant, PROMPT_LIMITS } from '../core/content/prompt-limits';
import { visibleText } from '../core/text/visible-text';
import type { AdoptedPromptProps } from './adopted-prompt-props';
import type { IPrompt } from './i-prompt';
import { acceptPlaceholders } from './private/accepted-placeholders';
import { AdoptedPrompt } from './private/adopted-prompt';
import { checkedBedrockName } from './private/bedrock-name';
import { constructError } from './private/construct-error';
import { freezeLogicalId } from './private/frozen-logical-id';
import { warnOfHiddenCharacters } from './private/hidden-characters';
import { judgeModelOf } from './private/known-models';
import { declaredFreeJson, resolvedVariant, templateProblems } from './private/predicted-content';
import { PromptBase } from './private/prompt-base';
import { PromptPermissions } from './private/prompt-permissions';
import { warnOfDeletion } from './private/removal-policies';
import { checkWrittenValues } from './private/template-values';
import { warnOfUnretainedModel } from './private/unretained-model';
import { type IPromptRegistry, PromptRegistry } from './prompt-registry';
import type { PromptVariant } from './prompt-variant';
import { PromptVersion } from './prompt-version';

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

  /**
   * Name of the prompt in Bedrock, which no other prompt of the account and Region may have: as `promptName`, at most 100
   * characters. Nothing else knows this name, and changing it changes nothing else.
   *
   * @default - `promptName`, after the registry's `bedrockNamePrefix`
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-prompt.html
   */
  readonly bedrockName?: string;

  /** At most 200 characters. Not part of the content. @default - the description in the variant's file */
  readonly description?: string;

  /**
   * A sentence that is kept in the description of a new version: at most 131 characters. A changed note alone publishes
   * nothing; the version that is there keeps the note it was made with.
   *
   * @default - the commit that last changed the variant's file (`commit 1a2b3c4d5e`), where the file is committed and the
   * clone is not shallow; else none
   */
  readonly versionNote?: string;

  /**
   * A name for the content, such as `v1.1-alpha`, by which the command finds it: a letter, then letters, digits and `-`, in
   * parts with one dot between them, at most 32 characters. A content may have several, one after the other.
   *
   * A tag is taken for good once its content was released; a deployment that gives it to another content then fails with
   * `TagTaken`.
   *
   * @default - the `tag` in the variant's file, else none
   */
  readonly tag?: string;

  /** Customer managed key that encrypts the prompt and its versions. @default - a key of AWS */
  readonly encryptionKey?: aws_kms.IKeyRef;

  /**
   * What happens to the prompt in Bedrock when it leaves the stack. With `RemovalPolicy.DESTROY` all its versions go with
   * it, released ones too: for environments that are thrown away. Synthesis warns of it.
   *
   * @default - that of the registry, else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

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
 * Deleting a prompt in Bedrock deletes all its versions, so the stack retains it instead, unless `removalPolicy` says
 * otherwise.
 *
 * @example
 * const prompt = new Prompt(this, 'FinancialAnalysis', {
 *   registry,
 *   variant: PromptVariant.fromFile('prompts/financial-analysis.prompt'),
 * });
 * const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
 */
export class Prompt extends PromptBase implements IPrompt {
  /**
   * Adopts a prompt that another construct defines: a `CfnPrompt`, or the one inside the official alpha construct,
   * `prompt.node.defaultChild as CfnPrompt`.
   *
   * The prompt is left untouched: its owner keeps control of the draft, nothing is published unless `publishDraft` says
   * so, and no version that this registry did not make is ever deleted, not even at Bedrock's limit of 10. So an alias needs a
   * `target`: `AliasTarget.version()` with the version that is live now, `.digest()` or `.parameter()`. With
   * `publishDraft` the prompt has a `currentVersion` as any other: a version that holds the content is found, no
   * matter who made it, and only a new content needs room for a new version.
   *
   * @example
   * const old = Prompt.fromPromptRef(this, 'Adopted', cfnPrompt, { registry });
   * old.addAlias('PROD', { target: AliasTarget.version(7) });
   */
  public static fromPromptRef(
    scope: Construct,
    id: string,
    prompt: aws_bedrock.IPromptRef,
    props: AdoptedPromptProps,
  ): IPrompt {
    const source = CfnPrompt.isCfnPrompt(prompt) ? prompt : undefined;
    return new AdoptedPrompt(scope, id, prompt.promptRef, props, source);
  }

  /**
   * Adopts a prompt that lives elsewhere in this account and Region, such as one that was made by hand.
   *
   * As `fromPromptRef`, without a draft that could be published; `promptName` must be set.
   *
   * @param promptArn ARN of the prompt, without a version
   */
  public static fromPromptArn(scope: Construct, id: string, promptArn: string, props: AdoptedPromptProps): IPrompt {
    return new AdoptedPrompt(scope, id, { promptArn }, props);
  }

  public readonly registry: IPromptRegistry;
  public readonly promptName: string;

  /** Name of the prompt in Bedrock. */
  public readonly bedrockName: string;

  public readonly promptId: string;
  public readonly promptArn: string;
  public readonly encryptionKey?: aws_kms.IKeyRef;
  public readonly currentVersion: PromptVersion;

  constructor(scope: Construct, id: string, props: PromptProps) {
    super(scope, id);
    const { content, source, ...defaults } = props.variant._bind(this);
    this.registry = props.registry;
    this.promptName = this._claimName(
      props.registry,
      props.promptName ?? defaults.promptName,
      'only a variant from a file brings a name, so set promptName',
    );
    const { bedrockNamePrefix = '' } = props.registry;
    this.bedrockName = checkedBedrockName(this, props.bedrockName ?? `${bedrockNamePrefix}${this.promptName}`);
    this.encryptionKey = props.encryptionKey;
    this.warnOfPlainArchive();
    const description = this.checkedDescription(props.description ?? defaults.description);
    const versionNote = props.versionNote ?? defaults.versionNote;
    checkWrittenValues(this, { ...content, description, versionNote });
    checkVariant(content, this.node.path, (value) => Token.isUnresolved(value));

    const draft = new CfnPrompt(this, 'Resource', {
      name: this.bedrockName,
      description,
      customerEncryptionKeyArn: props.encryptionKey?.keyRef.keyArn,
      defaultVariant: VARIANT,
      variants: [{ ...content, name: VARIANT }],
    });
    acceptPlaceholders(draft);
    draft.node.addValidation({
      validate: () => {
        warnOfHiddenCharacters(this, draft, source);
        return templateProblems(draft).map(visibleText);
      },
    });
    draft.applyRemovalPolicy(
      props.removalPolicy ?? props.registry.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    );
    warnOfDeletion(this, draft, this.promptName, 'promptMayBeDeleted');
    warnOfUnretainedModel(this, content.modelId);
    judgeModelOf(this, props.registry, content.modelId, () => resolvedVariant(draft).ModelId);
    freezeLogicalId(draft, { parameterPrefix: this.registry.parameterPrefix, promptName: this.promptName }, 'Prompt');
    this.promptId = draft.attrId;
    this.promptArn = draft.attrArn;
    PromptPermissions.of(this, this.registry).add({
      promptArn: this.promptArn,
      encryptionKey: this.encryptionKey,
      published: true,
      freeJson: freeJsonOf(content).length > 0,
      typesToSetRight: () => declaredFreeJson(draft) !== undefined,
    });

    this.currentVersion = new PromptVersion(this, 'CurrentVersion', {
      prompt: this,
      draft,
      versionNote,
      tag: props.tag ?? defaults.tag,
      keepVersions: props.keepVersions,
      setTypesRight: true,
    });
  }

  private warnOfPlainArchive(): void {
    const { registry } = this;
    if (this.encryptionKey && registry instanceof PromptRegistry && !registry.ledgerBucket.encryptionKey) {
      Annotations.of(this).addWarningV2(
        'cdk-prompt-registry:plainArchive',
        `${this.promptName} has an encryptionKey, but its archived versions lie in a ledger bucket that has none: set encryptionKey of the PromptRegistry too`,
      );
    }
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
