import { CustomResource, Lazy, Resource, Token } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { Construct } from 'constructs';
import { HIGHEST_VERSION } from '../core/contract/bedrock-limits';
import {
  PROMPT_VERSION_TYPE,
  type PromptVersionAttribute,
  type PromptVersionProperties,
} from '../core/contract/prompt-version-resource';
import { checkTag } from '../core/contract/tag';
import { NOTE_LENGTH } from '../core/contract/version-description';
import { atConstruct, constructError } from './private/construct-error';
import { type ContentWithValues, contentWithValues } from './private/content-with-values';
import { attribute, properties } from './private/contracted-resource';
import { freezeLogicalId } from './private/frozen-logical-id';
import { declaredFreeJson, predictContent } from './private/predicted-content';
import { aliasesOf } from './private/prompt-aliases';
import { dependOnPermissions } from './private/prompt-permissions';
import { HANDLERS } from './private/registry-handler';
import { sameStackToken } from './private/same-stack-token';
import { takeTurns } from './private/taking-turns';
import type { ReleasablePrompt } from './releasable-prompt';

/** Settings of a `PromptVersion`. */
export interface PromptVersionProps {
  /** The prompt whose draft is published. */
  readonly prompt: ReleasablePrompt;

  /** The resource that holds the draft. */
  readonly draft: CfnPrompt;

  /** A sentence that is kept in the description of a new version: at most 131 characters. @default - none */
  readonly versionNote?: string;

  /** Names the content, see `PromptProps.tag`. @default - none */
  readonly tag?: string;

  /** Versions that are never deleted to make room. @default - none besides those that aliases hold */
  readonly keepVersions?: number[];

  /**
   * Whether the draft is set right where CloudFormation made texts of numbers and booleans in its free JSON: only in a
   * prompt that belongs to the registry.
   *
   * @default false
   */
  readonly setTypesRight?: boolean;
}

/**
 * Defines the version of a prompt that holds its present content.
 *
 * It is published when the content is new, and found when a version holds it already: a revert publishes nothing. No
 * `AWS::Bedrock::PromptVersion`, because that replaces itself when a tag or the description changes.
 */
export class PromptVersion extends Resource {
  /** Number of the version, as a string. For use in its own stack. */
  public readonly version: string;

  private readonly resource: CustomResource;
  private readonly draft: CfnPrompt;

  constructor(scope: Construct, id: string, props: PromptVersionProps) {
    super(scope, id);
    const { prompt, draft } = props;
    const { registry, promptName } = prompt;
    const keepVersions = props.keepVersions ?? [];
    this.draft = draft;
    this.checkNote(props.versionNote ?? '');
    const { tag } = props;
    // One that is not known at synth is checked in the deployment.
    if (tag !== undefined && !Token.isUnresolved(tag)) atConstruct(this, () => checkTag(tag));
    this.checkKeptVersions(keepVersions);

    this.resource = new CustomResource(this, 'Resource', {
      resourceType: PROMPT_VERSION_TYPE,
      serviceToken: registry.handlers.version,
      serviceTimeout: HANDLERS['prompt-version'].serviceTimeout,
      properties: properties<PromptVersionProperties>({
        Schema: '1',
        PromptId: prompt.promptId,
        PromptArn: prompt.promptArn,
        PromptName: promptName,
        ContentDigest: Lazy.uncachedAny({ produce: () => predictContent(draft).digest }),
        Content: Lazy.uncachedAny({ produce: () => this.contentWithValues()?.json }),
        ContentValues: Lazy.uncachedAny({ produce: () => this.contentWithValues()?.values }),
        FreeJson: props.setTypesRight ? Lazy.uncachedAny({ produce: () => declaredFreeJson(draft) }) : undefined,
        VersionNote: props.versionNote ?? '',
        Tag: tag,
        KeepVersions: keepVersions.map(String),
        Targets: Lazy.uncachedAny({ produce: () => aliasesOf(prompt).flatMap(({ pinned }) => pinned ?? []) }),
        CallableVersions: Lazy.uncachedString({
          produce: () => String(Math.max(2, ...aliasesOf(prompt).map(({ callableVersions }) => callableVersions))),
        }),
      }),
    });
    freezeLogicalId(this.resource, { parameterPrefix: registry.parameterPrefix, promptName }, 'Version');
    dependOnPermissions(this.resource, registry, 'Publisher');
    takeTurns(this.resource, 'version');
    this.version = sameStackToken(
      this,
      'the version',
      attribute<PromptVersionAttribute>(this.resource, 'Version'),
      'read the parameter of an alias at run time',
    );
  }

  /** The content digest, `pd1:` and 64 hex digits: a literal when it is known at synth. */
  public get contentDigest(): string {
    return Lazy.uncachedString({
      produce: () =>
        predictContent(this.draft).digest ?? attribute<PromptVersionAttribute>(this.resource, 'ContentDigest'),
    });
  }

  private contentWithValues(): ContentWithValues | undefined {
    const { content } = predictContent(this.draft);
    return content === undefined ? undefined : contentWithValues(this, content);
  }

  private checkNote(note: string): void {
    if (note.length > NOTE_LENGTH) {
      throw constructError(
        this,
        'InvalidPrompt',
        `expected a versionNote of at most ${NOTE_LENGTH} characters, found ${note.length}: shorten it`,
      );
    }
  }

  private checkKeptVersions(versions: number[]): void {
    const wrong = versions.find((version) => !Number.isInteger(version) || version < 1 || version > HIGHEST_VERSION);
    if (wrong !== undefined) {
      throw constructError(
        this,
        'InvalidPrompt',
        `expected version numbers from 1 to ${HIGHEST_VERSION} in keepVersions, found ${wrong}: list numbers of published versions`,
      );
    }
  }
}
