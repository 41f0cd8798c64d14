import { isDeepStrictEqual } from 'node:util';
import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  type CreateTrailCommandInput,
  DeleteTrailCommand,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  type Tag,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { notImplemented } from '../../aws-error';
import type { Properties } from '../stack-target';
import { as, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

/** A trail with advanced selectors, or without any; `Ref` is its name. */
export const cloudTrailTrail: ResourceProvider = {
  properties:
    'TrailName S3BucketName S3KeyPrefix KMSKeyId IncludeGlobalServiceEvents IsMultiRegionTrail IsOrganizationTrail EnableLogFileValidation IsLogging EventSelectors AdvancedEventSelectors Tags',

  async create(properties, context) {
    const client = context.client(CloudTrailClient);
    const Name = String(properties.TrailName ?? context.generatedName(128));
    const TagsList = as<Tag[] | undefined>(properties.Tags);
    await client.send(new CreateTrailCommand({ ...settings(Name, properties), TagsList }));
    context.made(Name);
    await bringSelectors(Name, properties, {}, client);
    if (isTrue(properties.IsLogging)) {
      await client.send(new StartLoggingCommand({ Name }));
    }
    return { physicalId: Name, attributes: attributes(Name, context) };
  },

  async update(Name, properties, before, context) {
    const client = context.client(CloudTrailClient);
    await client.send(new UpdateTrailCommand(settings(Name, properties)));
    await bringSelectors(Name, properties, before, client);
    if (isTrue(properties.IsLogging) !== isTrue(before.IsLogging)) {
      const Command = isTrue(properties.IsLogging) ? StartLoggingCommand : StopLoggingCommand;
      await client.send(new Command({ Name }));
    }
    await bringTags(arnOf(Name, context), as(properties.Tags ?? []), as(before.Tags ?? []), client);
    return attributes(Name, context);
  },

  async remove(Name, _, context) {
    await unlessGone(context.client(CloudTrailClient).send(new DeleteTrailCommand({ Name })));
  },
};

function settings(Name: string, properties: Properties): CreateTrailCommandInput {
  const flag = (name: string) => (properties[name] === undefined ? undefined : isTrue(properties[name]));
  return {
    Name,
    S3BucketName: as<string>(properties.S3BucketName),
    // What the template no longer has is taken away.
    S3KeyPrefix: as<string>(properties.S3KeyPrefix ?? ''),
    KmsKeyId: as<string>(properties.KMSKeyId ?? ''),
    IncludeGlobalServiceEvents: flag('IncludeGlobalServiceEvents'),
    IsMultiRegionTrail: flag('IsMultiRegionTrail'),
    IsOrganizationTrail: flag('IsOrganizationTrail'),
    EnableLogFileValidation: flag('EnableLogFileValidation'),
  };
}

async function bringSelectors(TrailName: string, to: Properties, from: Properties, client: CloudTrailClient) {
  const names = ['EventSelectors', 'AdvancedEventSelectors'] as const;
  for (const name of names) {
    if (to[name] === undefined && from[name] !== undefined) {
      throw notImplemented(`taking ${name} off an AWS::CloudTrail::Trail`);
    }
  }
  if (names.some((name) => to[name] !== undefined && !isDeepStrictEqual(to[name], from[name]))) {
    const [EventSelectors, AdvancedEventSelectors] = names.map((name) => to[name]);
    await client.send(
      new PutEventSelectorsCommand({
        ...{ TrailName, EventSelectors: as<never>(EventSelectors) },
        AdvancedEventSelectors: as<never>(AdvancedEventSelectors),
      }),
    );
  }
}

async function bringTags(ResourceId: string, to: Tag[], from: Tag[], client: CloudTrailClient): Promise<void> {
  const added = to.filter((tag) => !from.some((other) => isDeepStrictEqual(tag, other)));
  const removed = from.filter(({ Key }) => !to.some((other) => other.Key === Key));
  if (added.length > 0) {
    await client.send(new AddTagsCommand({ ResourceId, TagsList: added }));
  }
  if (removed.length > 0) {
    await client.send(new RemoveTagsCommand({ ResourceId, TagsList: removed }));
  }
}

function attributes(name: string, context: ProviderContext): Properties {
  return { Arn: arnOf(name, context) };
}

function arnOf(name: string, { region, account }: ProviderContext): string {
  return `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;
}

function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}
