import type { aws_kms } from 'aws-cdk-lib/interfaces';
import type { IPromptRegistry } from './prompt-registry';

/** How a prompt that exists joins a registry. */
export interface AdoptedPromptProps {
  /** The registry that releases the prompt's versions. */
  readonly registry: IPromptRegistry;

  /**
   * Name of the prompt, by which callers know it from now on. It need not be the one in Bedrock, but people expect that.
   *
   * @default - the name of the `CfnPrompt`
   */
  readonly promptName?: string;

  /** Customer managed key of the prompt. @default - that of the `CfnPrompt`, else a key of AWS */
  readonly encryptionKey?: aws_kms.IKeyRef;

  /**
   * Whether the draft, as the `CfnPrompt` of the same stack declares it, is published where no version holds its content.
   *
   * @default false - nothing is published, and aliases name versions that exist
   */
  readonly publishDraft?: boolean;

  /** With `publishDraft`: a sentence in the description of a new version, at most 131 characters. @default - none */
  readonly versionNote?: string;

  /** With `publishDraft`: names the content, see `PromptProps.tag`. @default - none */
  readonly tag?: string;

  /** With `publishDraft`: versions made by this registry that are never deleted to make room. @default - none but those in use */
  readonly keepVersions?: number[];
}
