import type { IResource } from 'aws-cdk-lib';
import type { aws_bedrock, aws_kms } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { IPromptRegistry } from './prompt-registry';

/** The version that holds a prompt's present content. */
export interface PublishedContent extends IConstruct {
  /** Number of the version, as a string. For use in its own stack. */
  readonly version: string;

  /** The content digest, `pd1:` and 64 hex digits. */
  readonly contentDigest: string;
}

/** What a release has to know of a prompt. */
export interface ReleasablePrompt extends IResource, aws_bedrock.IPromptRef {
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
  readonly currentVersion?: PublishedContent;
}
