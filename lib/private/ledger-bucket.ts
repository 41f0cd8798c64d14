import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, type CfnRole, Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { FOLDERS, type Folder, groupKeys } from '../../core/ledger/layout';
import { constructError } from './construct-error';
import { freezeLogicalId } from './frozen-logical-id';
import { sizeOf } from './pattern-size';
import type { ReviewerGroup } from './reviewer-groups';

/** Ways to change an object, or to make it unreadable, that are no PutObject: a replica comes from another bucket. */
export const FOREIGN_WRITES = [
  's3:ReplicateObject',
  's3:ReplicateDelete',
  's3:ReplicateTags',
  's3:ObjectOwnerOverrideToBucketOwner',
  's3:UpdateObjectEncryption',
];

/** What the folders hold that one role of the registry writes. */
const WHAT_IS_IN = {
  ledger: 'Records',
  versions: 'Versions',
  reasons: 'Reasons',
  tags: 'Tags',
  rollouts: 'Rollouts',
} as const satisfies Partial<Record<Folder, string>>;

type ReservedFolder = keyof typeof WHAT_IS_IN;

/** Those of every registry. Steps of rollouts have a writer only where there is a controller: else nobody writes there. */
const RESERVED = ['ledger', 'versions', 'reasons', 'tags'] as const satisfies readonly ReservedFolder[];

/** https://docs.aws.amazon.com/general/latest/gr/s3.html */
const LONGEST_POLICY = 20_480;

/** What a session may write under `reviews/`, as IAM matches it: `*` matches slashes, and the parser of keys does not. */
export const OWN_REVIEWS = `${FOLDERS.reviews}*/\${aws:userid}/????????.json`;

/**
 * The bucket that keeps release records, archived versions and reviews: whatever is written once stays.
 *
 * Object Lock is on from the start, because turning it on later replaces the bucket
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html);
 * a retention rule can be added at any time.
 */
export class LedgerBucket extends Bucket {
  /** Statements that deny puts everywhere but in what is reserved. */
  private readonly elsewhere: PolicyStatement[] = [];
  private retained?: { readonly mode: string; readonly days: number; readonly by: string };

  constructor(
    scope: Construct,
    id: string,
    parameterPrefix: string,
    groups: readonly ReviewerGroup[],
    encryptionKey?: IKey,
  ) {
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
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingIsChanged',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        // A lock put on one object outlives every release. The bucket's own retention needs neither right:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
        actions: [...FOREIGN_WRITES, 's3:PutObjectRetention', 's3:PutObjectLegalHold'],
        resources: [this.arnForObjects('*')],
      }),
    );
    // CloudFormation sets the owner before this policy is there, and no release changes it.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingIsLetOut',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutReplicationConfiguration', 's3:PutBucketOwnershipControls'],
        resources: [this.bucketArn],
      }),
    );
    // What is not reserved for one of the registry's roles: under a retention, whatever anybody put there would stay.
    this.denyElsewhere(
      new PolicyStatement({
        sid: 'NothingElseIsWritten',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        notResources: [
          ...RESERVED.map((folder) => this.arnForObjects(`${FOLDERS[folder]}*`)),
          ...groups.map((group) => this.arnForObjects(groupKeys(group.name))),
        ],
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
    if (groups.length > 0) this.reserveReviews(groups);
    if (this.policy) {
      // A bucket that is kept without its policy would be a bucket whose records can be deleted.
      this.policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
      freezeLogicalId(this.policy, { parameterPrefix }, 'LedgerPolicy');
    }
  }

  /**
   * From here on S3 keeps what is written for this long, also against administrators in compliance mode. What was
   * written before keeps what it had.
   */
  public retain(by: Construct, { mode, duration }: ObjectLockRetention): void {
    const days = duration.toDays();
    const before = this.retained;
    if (before !== undefined && (before.mode !== mode || before.days !== days)) {
      throw constructError(
        by,
        'RetentionTwice',
        `expected one retention for the ledger ${this.node.path}, found ${mode} for ${days} days, and ${before.mode} for ${before.days} days set by ${before.by}: give both the same`,
      );
    }
    this.retained = { mode, days, by: by.node.path };
    (this.node.defaultChild as CfnBucket).objectLockConfiguration = {
      objectLockEnabled: 'Enabled',
      rule: { defaultRetention: { mode, days } },
    };
  }

  /** From here on EventBridge hears of every object that comes. */
  public tellEventBridge(): void {
    (this.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
  }

  /** Lets everybody sign in their own name only, and as a member of a group only who is one. */
  private reserveReviews(groups: readonly ReviewerGroup[]): void {
    const deny = { effect: Effect.DENY, principals: [new AnyPrincipal()], actions: ['s3:PutObject'] };
    // A statement of its own: a variable that does not resolve voids its statement, and must not void another rule.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    this.denyElsewhere(
      new PolicyStatement({
        ...deny,
        sid: 'EveryoneSignsTheirOwnName',
        notResources: [
          this.arnForObjects(OWN_REVIEWS),
          ...RESERVED.map((folder) => this.arnForObjects(`${FOLDERS[folder]}*`)),
        ],
      }),
    );
    // A presigned URL would lend the signer's name: https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
    this.addToResourcePolicy(
      new PolicyStatement({
        ...deny,
        sid: 'NoBorrowedSignature',
        resources: [this.arnForObjects(`${FOLDERS.reviews}*`)],
        conditions: { StringNotEquals: { 's3:authType': 'REST-HEADER' } },
      }),
    );
    this.node.addValidation({ validate: () => this.policyProblems() });
    for (const group of groups) {
      this.addToResourcePolicy(
        new PolicyStatement({
          ...deny,
          sid: `OnlyReviewers${sidOf(group.name)}`,
          resources: [this.arnForObjects(groupKeys(group.name))],
          conditions: { ArnNotLike: { 'aws:PrincipalArn': Lazy.any({ produce: () => group.arns }) } },
        }),
      );
    }
  }

  private denyElsewhere(statement: PolicyStatement): void {
    this.elsewhere.push(statement);
    this.addToResourcePolicy(statement);
  }

  private policyProblems(): string[] {
    const size = sizeOf(Stack.of(this).resolve(this.policy?.document));
    if (size <= LONGEST_POLICY) return [];
    return [
      `${this.node.path}: expected a bucket policy of at most ${LONGEST_POLICY} characters, which is what S3 takes, found up to ${size}: name fewer roles in reviewers, or several with one pattern`,
    ];
  }

  /** Lets nobody but `writer` add objects under `folder`, whatever their own policies say. */
  public reserve(folder: ReservedFolder, writer: Role): void {
    if (!RESERVED.some((one) => one === folder)) {
      for (const statement of this.elsewhere) statement.addNotResources(this.arnForObjects(`${FOLDERS[folder]}*`));
    }
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: `Only${writer.node.id}Writes${WHAT_IS_IN[folder]}`,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(`${FOLDERS[folder]}*`)],
        // Of a role's session this key holds the role's ARN:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': writer.roleArn } },
      }),
    );
    // A role that is deleted and made again has the old ARN and a new id, which a session's `aws:userid` begins with:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    // Every request has that key; `Null` is for policy simulators that do not.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: `OnlyThis${writer.node.id}Writes${WHAT_IS_IN[folder]}`,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(`${FOLDERS[folder]}*`)],
        conditions: {
          StringNotLike: { 'aws:userid': `${(writer.node.defaultChild as CfnRole).attrRoleId}:*` },
          Null: { 'aws:userid': 'false' },
        },
      }),
    );
  }
}

/** A statement's id has letters and digits only, and no two groups the same: `X` alone is a `-` before no letter. */
function sidOf(group: string): string {
  const capital = (start: string) => (start === '-x' ? 'Xx' : start.slice(-1).toUpperCase());
  return group.replace(/(?:^|-)[a-z]/g, capital).replaceAll('-', 'X');
}
