import { createHash } from 'node:crypto';
import { Annotations, Duration, Lazy, Resource, Stack, Token } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type IBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { AuditorGrants } from './auditor-grants';
import { claimInEnvironment } from './private/claimed-name';
import { constructError } from './private/construct-error';
import { freezeLogicalId } from './private/frozen-logical-id';
import { TrailBucket } from './private/trail-bucket';
import { trailSelectors } from './private/trail-selectors';
import { type IPromptRegistry, PromptRegistry } from './prompt-registry';
import type { ReleasablePrompt } from './releasable-prompt';

/** Settings of a `PromptAuditTrail`. */
export interface PromptAuditTrailProps {
  /** The registries whose releases are to be provable: at least one, of this account and Region. */
  readonly registries: IPromptRegistry[];

  /**
   * Whether the trail writes down management events: who deployed, who changed a prompt, a parameter or a policy.
   *
   * Set it to false where another trail has them already, such as the organisation's: AWS charges for each copy but the
   * first. `prompt-registry audit` finds 90 days of them without any trail.
   *
   * @default true
   * @see https://aws.amazon.com/cloudtrail/pricing/
   */
  readonly managementEvents?: boolean;

  /**
   * Whether the trail writes down the events of all Regions.
   *
   * IAM's changes, sign-ins and calls of the global endpoint of STS are recorded in us-east-1 only, whichever Region they
   * are about. In each Region such a trail counts towards the 5 that CloudTrail allows.
   *
   * @default - true with `managementEvents` outside us-east-1, else false
   * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
   */
  readonly multiRegion?: boolean;

  /** Prompts whose renderings are written down. AWS charges for each event. @default - all prompts of the account */
  readonly prompts?: ReleasablePrompt[];

  /**
   * Resource type of the data events of prompts. CloudTrail's guide and Bedrock's differ in it; CloudTrail refused the
   * other one, `AWS::Bedrock::Prompt`, where somebody tried.
   *
   * @default 'AWS::Bedrock::PromptVersion'
   * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
   */
  readonly promptResourceType?: string;

  /**
   * How long S3 keeps each log file, and each record and archived version of the registries of this app, from the day it
   * is written. In compliance mode nobody can shorten it, not even the account's root user.
   *
   * @default ObjectLockRetention.governance(Duration.days(365))
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
   */
  readonly retention?: ObjectLockRetention;

  /**
   * Customer managed key for the log files. Statements that let CloudTrail use it are added to its policy; that of an
   * imported key must have them.
   *
   * @default - a new key, rotated every year, that outlives the stack
   */
  readonly encryptionKey?: IKey;

  /**
   * Name of the trail: 3 to 128 letters, digits, `.`, `_` and `-`, no two signs together. The logical ids of trail,
   * bucket and key are made of it: another name makes a new trail with an empty bucket.
   *
   * @default - from the first registry's prefix, such as `prompts-prod-audit-1a2b3c4d`
   */
  readonly trailName?: string;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
const MOST_TRAILS = 5;

/**
 * Defines a CloudTrail trail that proves years later who deployed which version, and who rendered it: management events,
 * renderings of prompts, each read and write in the registries' ledgers, and who called a controller of rollouts, which
 * tells who halted one, in a bucket that only the trail writes to.
 *
 * The trail signs an hourly digest of its files (`aws cloudtrail validate-logs`). Bucket and key outlive the stack.
 *
 * @example
 * const trail = new PromptAuditTrail(this, 'Audit', { registries: [registry] });
 * trail.grants.audit(auditor);
 */
export class PromptAuditTrail extends Resource {
  /** Name of the trail. */
  public readonly trailName: string;

  /** ARN of the trail. */
  public readonly trailArn: string;

  /** The bucket with the trail's files. */
  public readonly bucket: IBucket;

  /** The key that encrypts them. */
  public readonly encryptionKey: IKey;

  /** The registries that the trail is about. */
  public readonly registries: IPromptRegistry[];

  /** Grants on what an auditor reads. */
  public readonly grants: AuditorGrants;

  constructor(scope: Construct, id: string, props: PromptAuditTrailProps) {
    super(scope, id);
    this.registries = [...props.registries];
    this.checkRegistries();
    const retention = props.retention ?? ObjectLockRetention.governance(Duration.days(365));
    this.trailName = this.checkedTrailName(props.trailName);
    this.trailArn = Stack.of(this).formatArn({
      service: 'cloudtrail',
      resource: 'trail',
      resourceName: this.trailName,
    });
    const identity = { parameterPrefix: this.trailName };
    this.encryptionKey = props.encryptionKey ?? this.newKey();
    this.allowEncryption();
    const bucket = new TrailBucket(this, 'Bucket', { ...this.names(), retention });
    this.bucket = bucket;

    const managementEvents = props.managementEvents ?? true;
    const selected = {
      managementEvents,
      promptResourceType: props.promptResourceType ?? 'AWS::Bedrock::PromptVersion',
      promptArns: props.prompts?.map(({ promptArn }) => promptArn),
      ledgerBucketNames: this.registries.map((registry) => this.ledgerBucketName(registry)),
    };
    trailSelectors(this, { ...selected, controllerArns: [] });
    const trail = new CfnTrail(this, 'Resource', {
      trailName: this.trailName,
      s3BucketName: bucket.bucketName,
      kmsKeyId: this.encryptionKey.keyArn,
      isLogging: true,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: true,
      isMultiRegionTrail: props.multiRegion ?? (managementEvents && Stack.of(this).region !== 'us-east-1'),
      // An alias may get its rollout, and the registry its controller, after this construct.
      advancedEventSelectors: Lazy.any({
        produce: () => trailSelectors(this, { ...selected, controllerArns: this.controllers() }),
      }),
    });
    freezeLogicalId(trail, identity, 'AuditTrail');
    if (bucket.policy) {
      trail.node.addDependency(bucket.policy);
    }
    for (const registry of this.registries) {
      if (registry instanceof PromptRegistry) registry._retainLedger(this, retention);
    }
    this.grants = AuditorGrants.fromTrail(this);
    this.node.addValidation({ validate: () => this.tooManyTrails() });
  }

  private controllers(): string[] {
    return this.registries.flatMap(({ rolloutControllerArn }) => rolloutControllerArn ?? []);
  }

  private names() {
    return { trailName: this.trailName, trailArn: this.trailArn, encryptionKey: this.encryptionKey };
  }

  private checkRegistries(): void {
    if (this.registries.length === 0) {
      throw constructError(
        this,
        'NoRegistry',
        'expected at least one registry to write an audit trail for, found none: list it in registries',
      );
    }
    for (const registry of this.registries) {
      for (const what of ['account', 'region'] as const) {
        const [here, there] = [this.env[what], registry.env[what]];
        if (!Token.isUnresolved(here) && !Token.isUnresolved(there) && here !== there) {
          throw constructError(
            this,
            'TrailInOtherEnvironment',
            `expected registries of the trail's ${what}, ${here}, found ${registry.parameterPrefix} in ${there}: define a PromptAuditTrail in each environment`,
          );
        }
      }
    }
  }

  private ledgerBucketName({ parameterPrefix, ledgerBucketName }: IPromptRegistry): string {
    if (ledgerBucketName === undefined) {
      throw constructError(
        this,
        'UnknownLedgerBucket',
        `expected to know the ledger bucket of the registry ${parameterPrefix}, found that it was imported without: add ledgerBucketName to PromptRegistry.fromAttributes()`,
      );
    }
    return ledgerBucketName;
  }

  private checkedTrailName(given: string | undefined): string {
    const name = given ?? defaultTrailName(this.registries[0] as IPromptRegistry);
    if (Token.isUnresolved(name)) {
      throw constructError(
        this,
        'InvalidTrailName',
        'expected a trailName that is known at synth, found a token: logical ids are made of it, so write it out',
      );
    }
    const isName = /^[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*$/.test(name) && name.length >= 3 && name.length <= 128;
    if (!isName || /^\d+(\.\d+){3}$/.test(name)) {
      throw constructError(
        this,
        'InvalidTrailName',
        `expected a trailName of 3 to 128 letters and digits, with single '.', '_' or '-' between them and not like an IP address, found '${name}': choose another one`,
      );
    }
    claimInEnvironment(this, `trail ${name}`, `the trail ${name}`);
    return name;
  }

  private newKey(): Key {
    const key = new Key(this, 'Key', {
      enableKeyRotation: true,
      description: `Log files of the audit trail ${this.trailName}`,
    });
    freezeLogicalId(key, { parameterPrefix: this.trailName }, 'AuditKey');
    return key;
  }

  /** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html */
  private allowEncryption(): void {
    const principals = [new ServicePrincipal('cloudtrail.amazonaws.com')];
    const ofThisTrail = { 'aws:SourceArn': this.trailArn };
    const encryption = new PolicyStatement({
      sid: 'TrailEncrypts',
      principals,
      actions: ['kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { ...ofThisTrail, 'kms:EncryptionContext:aws:cloudtrail:arn': this.trailArn } },
    });
    const description = new PolicyStatement({
      sid: 'TrailLooksAtKey',
      principals,
      actions: ['kms:DescribeKey'],
      resources: ['*'],
      conditions: { StringEquals: ofThisTrail },
    });
    const added = [encryption, description].map(
      (statement) => this.encryptionKey.addToResourcePolicy(statement).statementAdded,
    );
    if (added.includes(false)) {
      Annotations.of(this).addWarningV2(
        'cdk-prompt-registry:auditKeyPolicy',
        `the policy of the imported key ${this.encryptionKey.node.path} cannot be changed from here: it must let cloudtrail.amazonaws.com call kms:GenerateDataKey* and kms:DescribeKey for ${this.trailName}, or the trail cannot be made`,
      );
    }
  }

  private tooManyTrails(): string[] {
    const trails = this.node.root.node
      .findAll()
      .filter((construct): construct is CfnTrail => construct instanceof CfnTrail)
      .filter((trail) => trail.env.account === this.env.account && trail.env.region === this.env.region);
    return trails.length <= MOST_TRAILS
      ? []
      : [
          `expected at most ${MOST_TRAILS} trails in a Region, which is what CloudTrail takes, found ${trails.length} in this app: list several registries in one PromptAuditTrail`,
        ];
  }
}

function defaultTrailName({ parameterPrefix }: IPromptRegistry): string {
  const words = parameterPrefix.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const hash = createHash('sha256').update(parameterPrefix).digest('hex').slice(0, 8);
  return `${words.join('-').slice(0, 100).replace(/-$/, '')}-audit-${hash}`.replace(/^-/, '');
}
