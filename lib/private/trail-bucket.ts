import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { freezeLogicalId } from './frozen-logical-id';
import { FOREIGN_WRITES } from './ledger-bucket';

export interface TrailBucketProps {
  readonly trailName: string;
  readonly trailArn: string;
  readonly encryptionKey: IKey;
  readonly retention: ObjectLockRetention;
}

/**
 * The bucket that one trail writes to, and nobody else.
 *
 * No bucket key: with one, CloudTrail would need to decrypt.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export class TrailBucket extends Bucket {
  constructor(scope: Construct, id: string, props: TrailBucketProps) {
    super(scope, id, {
      objectLockDefaultRetention: props.retention,
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const identity = { parameterPrefix: props.trailName };
    freezeLogicalId(this, identity, 'AuditBucket');

    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    const cloudTrail = { principals: [new ServicePrincipal('cloudtrail.amazonaws.com')] };
    const ofThisTrail = { 'aws:SourceArn': props.trailArn };
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailLooksAtBucket',
        ...cloudTrail,
        actions: ['s3:GetBucketAcl'],
        resources: [this.bucketArn],
        conditions: { StringEquals: ofThisTrail },
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailWrites',
        ...cloudTrail,
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(`AWSLogs/${Stack.of(this).account}/*`)],
        conditions: { StringEquals: { ...ofThisTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    this.deny('OnlyTheTrailWrites', ['s3:PutObject'], { ArnNotEquals: ofThisTrail });
    this.deny('NothingIsDeleted', ['s3:DeleteObject*', 's3:BypassGovernanceRetention']);
    this.deny('NothingIsChanged', FOREIGN_WRITES);
    if (this.policy) {
      this.policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
      freezeLogicalId(this.policy, identity, 'AuditBucketPolicy');
    }
  }

  private deny(sid: string, actions: string[], conditions?: Record<string, Record<string, string>>): void {
    const everybody = { effect: Effect.DENY, principals: [new AnyPrincipal()] };
    this.addToResourcePolicy(
      new PolicyStatement({ sid, ...everybody, actions, resources: [this.arnForObjects('*')], conditions }),
    );
  }
}
