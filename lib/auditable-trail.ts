import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import type { IPromptRegistry } from './prompt-registry';

/** What an auditor has to know of an audit trail. */
export interface AuditableTrail extends IConstruct {
  /** Name of the trail. */
  readonly trailName: string;

  /** ARN of the trail. */
  readonly trailArn: string;

  /** The bucket that holds the trail's files. */
  readonly bucket: IBucket;

  /** The key that encrypts them. */
  readonly encryptionKey: IKey;

  /** The registries that the trail is about. */
  readonly registries: IPromptRegistry[];
}
