import { Fn, Resource, Stack, Token } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { aws_bedrock, aws_kms } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { PROMPT_ID_PATTERN } from '../../core/contract/version-arn';
import type { AdoptedPromptProps } from '../adopted-prompt-props';
import type { IPromptRegistry } from '../prompt-registry';
import { PromptVersion } from '../prompt-version';
import { constructError } from './construct-error';
import { warnOfHiddenCharacters } from './hidden-characters';
import { judgeModelOf } from './known-models';
import { resolvedVariant } from './predicted-content';
import { PromptBase } from './prompt-base';
import { PromptPermissions } from './prompt-permissions';
import { warnOfDeletion } from './removal-policies';

/** A prompt that is not this registry's own: its owner keeps the draft and the versions. */
export class AdoptedPrompt extends PromptBase {
  public readonly registry: IPromptRegistry;
  public readonly promptName: string;
  public readonly promptId: string;
  public readonly promptArn: string;
  public readonly encryptionKey?: aws_kms.IKeyRef;
  public readonly currentVersion?: PromptVersion;

  constructor(
    scope: Construct,
    id: string,
    ref: aws_bedrock.PromptReference,
    props: AdoptedPromptProps,
    source?: CfnPrompt,
  ) {
    super(scope, id);
    this.registry = props.registry;
    const known = source !== undefined && !Token.isUnresolved(source.name) ? source.name : undefined;
    this.promptName = this._claimName(
      props.registry,
      props.promptName ?? known,
      'the reference does not tell it, so set promptName to the name of the prompt in Bedrock',
    );
    this.promptArn = ref.promptArn;
    this.promptId = source?.attrId ?? this.idIn(ref.promptArn);
    this.encryptionKey = props.encryptionKey ?? this.keyOf(source);
    const publishDraft = props.publishDraft ?? false;
    PromptPermissions.of(this, this.registry).add({
      promptArn: this.promptArn,
      encryptionKey: this.encryptionKey,
      published: publishDraft,
    });
    if (publishDraft) {
      const draft = this.draftOfThisStack(source);
      this.node.addValidation({
        validate: () => {
          warnOfHiddenCharacters(this, draft);
          return [];
        },
      });
      judgeModelOf(this, props.registry, undefined, () => resolvedVariant(draft).ModelId);
      this.currentVersion = new PromptVersion(this, 'CurrentVersion', {
        prompt: this,
        draft,
        versionNote: props.versionNote,
        tag: props.tag,
        keepVersions: props.keepVersions,
      });
    }
    if (source) {
      warnOfDeletion(this, source, this.promptName, 'adoptedPromptMayBeDeleted');
    }
  }

  private idIn(arn: string): string {
    if (Token.isUnresolved(arn)) {
      return Fn.select(1, Fn.split('/', arn));
    }
    const [, region, account, promptId] =
      new RegExp(`^arn:[^:]+:bedrock:([^:]+):([^:]+):prompt/(${PROMPT_ID_PATTERN})$`).exec(arn) ?? [];
    if (promptId === undefined) {
      throw constructError(
        this,
        'InvalidPromptArn',
        `expected the ARN of a prompt without a version, such as arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ, found '${arn}': a version is for an alias to name`,
      );
    }
    const stack = Stack.of(this);
    for (const [what, here, there] of [
      ['account', stack.account, account],
      ['Region', stack.region, region],
    ]) {
      if (!Token.isUnresolved(here) && here !== there) {
        throw constructError(
          this,
          'PromptInOtherEnvironment',
          `expected a prompt of the ${what} of its stack, ${here}, found one of ${there}: Bedrock shares prompts with nobody, so define it in each environment`,
        );
      }
    }
    return promptId;
  }

  private draftOfThisStack(source: CfnPrompt | undefined): CfnPrompt {
    if (source !== undefined && Stack.of(source) === Stack.of(this)) {
      return source;
    }
    throw constructError(
      this,
      'DraftElsewhere',
      'expected publishDraft with a CfnPrompt of the same stack, whose content is known at synth, found a prompt that is defined elsewhere: leave publishDraft out, and let aliases name versions that exist',
    );
  }

  private keyOf(source: CfnPrompt | undefined): aws_kms.IKeyRef | undefined {
    const keyArn = source?.customerEncryptionKeyArn;
    return keyArn === undefined ? undefined : new KeyOfPrompt(this, 'Key', keyArn);
  }
}

class KeyOfPrompt extends Resource implements aws_kms.IKeyRef {
  public readonly keyRef: aws_kms.KeyReference;

  constructor(scope: Construct, id: string, keyArn: string) {
    super(scope, id);
    this.keyRef = { keyArn, keyId: Fn.select(1, Fn.split('/', keyArn)) };
  }
}
