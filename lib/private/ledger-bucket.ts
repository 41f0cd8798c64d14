import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { freezeLogicalId } from './frozen-logical-id';

/**
 * The bucket that keeps release records and archived versions: whatever is written once stays.
 *
 * Object Lock is on from the start, because turning it on later replaces the bucket
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html);
 * a retention rule can be added at any time.
 */
export class LedgerBucket extends Bucket {
  constructor(scope: Construct, id: string, parameterPrefix: string, encryptionKey?: IKey) {
    super(scope, id, {
      objectLockEnabled: true,
      versioned: true,
      encryption: encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      ...(encryptionKey && { encryptionKey, bucketKeyEnabled: true }),
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    freezeLogicalId(this, { parameterPrefix }, 'Ledger');

    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingIsDeleted',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        // A lifecycle rule deletes as well, and S3 itself would carry it out.
        actions: ['s3:DeleteObject*', 's3:BypassGovernanceRetention', 's3:PutLifecycleConfiguration'],
        resources: [this.bucketArn, this.arnForObjects('*')],
      }),
    );
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingIsWrittenTwice',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects('*')],
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
    );
    if (this.policy) {
      // A bucket that is kept without its policy would be a bucket whose records can be deleted.
      this.policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
      freezeLogicalId(this.policy, { parameterPrefix }, 'LedgerPolicy');
    }
  }
}
