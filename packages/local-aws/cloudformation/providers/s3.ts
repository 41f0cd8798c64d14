import { isDeepStrictEqual } from 'node:util';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { notImplemented } from '../../aws-error';
import type { Properties } from '../stack-target';
import { as, ifThere, only, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

type Send = (Bucket: string, value: never, client: S3Client) => Promise<unknown>;

/** How each property of a bucket is written. */
const settings: Record<string, Send> = {
  VersioningConfiguration: (Bucket, VersioningConfiguration, client) =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration })),
  BucketEncryption: (Bucket, { ServerSideEncryptionConfiguration = [] }: Encryption, client) => {
    const Rules = ServerSideEncryptionConfiguration.map(({ ServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
      ApplyServerSideEncryptionByDefault: as<never>(ServerSideEncryptionByDefault),
      BucketKeyEnabled,
    }));
    return client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
  },
  PublicAccessBlockConfiguration: (Bucket, PublicAccessBlockConfiguration, client) =>
    client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration })),
  OwnershipControls: (Bucket, OwnershipControls, client) =>
    client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls })),
  ObjectLockConfiguration: (Bucket, ObjectLockConfiguration, client) =>
    client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration })),
  LifecycleConfiguration: (Bucket, { Rules = [] }: Lifecycle, client) => {
    const rules = Rules.map(({ Id, Prefix = '', ...rule }) => ({ ...rule, ID: Id, Filter: { Prefix } }));
    const LifecycleConfiguration = { Rules: as<never>(rules) };
    return client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
  },
  NotificationConfiguration: (Bucket, { EventBridgeConfiguration: sent, ...others }: Notifications, client) => {
    only('AWS::S3::Bucket NotificationConfiguration', others, '');
    const isOn = sent !== undefined && String(sent.EventBridgeEnabled) !== 'false';
    const NotificationConfiguration = isOn ? { EventBridgeConfiguration: {} } : {};
    return client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  },
  Tags: (Bucket, TagSet, client) => client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } })),
};

interface Encryption {
  readonly ServerSideEncryptionConfiguration?: readonly {
    readonly ServerSideEncryptionByDefault?: unknown;
    readonly BucketKeyEnabled?: boolean;
  }[];
}

interface Notifications {
  readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: unknown };
}

/** Properties that are taken off a bucket by writing them empty. */
const whenTakenOff: Record<string, object> = { NotificationConfiguration: {} };

interface Lifecycle {
  readonly Rules?: readonly { readonly Id?: string; readonly Prefix?: string }[];
}

export const s3Bucket: ResourceProvider = {
  properties: `BucketName AccessControl ObjectLockEnabled ${Object.keys(settings).join(' ')}`,

  async create(properties, context) {
    const Bucket = String(properties.BucketName ?? context.generatedName(63).toLowerCase());
    const ObjectLockEnabledForBucket = String(properties.ObjectLockEnabled) === 'true';
    await context.client(S3Client).send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket }));
    context.made(Bucket);
    await bringSettings(Bucket, properties, {}, context);
    return { physicalId: Bucket, attributes: bucketAttributes(Bucket, context.region) };
  },

  async update(Bucket, properties, before, context) {
    await bringSettings(Bucket, properties, before, context);
    return bucketAttributes(Bucket, context.region);
  },

  async find({ BucketName }, context) {
    const Bucket = String(BucketName);
    const found = await ifThere(context.client(S3Client).send(new HeadBucketCommand({ Bucket })));
    return found && { physicalId: Bucket, attributes: bucketAttributes(Bucket, context.region) };
  },

  async remove(Bucket, _, context) {
    await unlessGone(context.client(S3Client).send(new DeleteBucketCommand({ Bucket })));
  },
};

async function bringSettings(Bucket: string, to: Properties, from: Properties, context: ProviderContext) {
  if ((to.AccessControl ?? 'Private') !== 'Private') {
    throw notImplemented(`AccessControl ${to.AccessControl} of AWS::S3::Bucket`);
  }
  for (const [name, send] of Object.entries(settings)) {
    const wanted = to[name] ?? (from[name] === undefined ? undefined : whenTakenOff[name]);
    if (wanted === undefined && from[name] !== undefined) {
      throw notImplemented(`taking ${name} off an AWS::S3::Bucket`);
    }
    if (wanted !== undefined && !isDeepStrictEqual(wanted, from[name])) {
      await send(Bucket, wanted as never, context.client(S3Client));
    }
  }
}

function bucketAttributes(bucket: string, region: string): Properties {
  return {
    Arn: `arn:aws:s3:::${bucket}`,
    DomainName: `${bucket}.s3.amazonaws.com`,
    RegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
  };
}

export const s3BucketPolicy: ResourceProvider = {
  properties: 'Bucket PolicyDocument',

  async create({ Bucket, PolicyDocument }, context) {
    const known = new GetBucketPolicyCommand({ Bucket: String(Bucket) });
    // As AWS's handler: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1068
    if (await ifThere(context.client(S3Client).send(known))) {
      throw new Error(`The bucket policy already exists on bucket ${Bucket}.`);
    }
    await putPolicy(String(Bucket), PolicyDocument, context);
    return { physicalId: String(Bucket), attributes: {} };
  },

  async update(Bucket, { PolicyDocument }, _, context) {
    await putPolicy(Bucket, PolicyDocument, context);
    return {};
  },

  async remove(Bucket, _, context) {
    await unlessGone(context.client(S3Client).send(new DeleteBucketPolicyCommand({ Bucket })));
  },
};

async function putPolicy(Bucket: string, document: unknown, context: ProviderContext): Promise<void> {
  await context.client(S3Client).send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(document) }));
}
