import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  RemoveTagsFromResourceCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { changedProperties } from '../resource-types';
import type { Properties } from '../stack-target';
import { as, type ResourceProvider, unlessGone } from './provider';

const attributes = ({ Type, Value }: Properties) => ({ Type, Value });

/** Updates put with overwrite and do not look whether the parameter is there, as AWS's own handler does. */
export const ssmParameter: ResourceProvider = {
  properties: 'Name Type Value Description AllowedPattern Tier DataType Tags',

  async create({ Tags, ...properties }, context) {
    const Name = String(properties.Name ?? `CFN-${context.generatedName(60)}`);
    const tagList = Object.entries((Tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));
    const input = { ...properties, Name, Overwrite: false, Tags: tagList.length > 0 ? tagList : undefined };
    await context.client(SSMClient).send(new PutParameterCommand(as<PutParameterCommandInput>(input)));
    return { physicalId: Name, attributes: attributes(properties) };
  },

  async update(Name, { Tags = {}, ...properties }, before, context) {
    const client = context.client(SSMClient);
    await client.send(new PutParameterCommand(as<PutParameterCommandInput>({ ...properties, Name, Overwrite: true })));
    const oldTags = (before.Tags ?? {}) as Record<string, string>;
    const newTags = Tags as Record<string, string>;
    const changed = changedProperties(oldTags, newTags);
    const resource = { ResourceType: 'Parameter' as const, ResourceId: Name };
    const put = changed.filter((key) => key in newTags).map((Key) => ({ Key, Value: newTags[Key] }));
    const removed = changed.filter((key) => !(key in newTags));
    if (put.length > 0) {
      await client.send(new AddTagsToResourceCommand({ ...resource, Tags: put }));
    }
    if (removed.length > 0) {
      await client.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: removed }));
    }
    return attributes(properties);
  },

  async remove(Name, _, context) {
    await unlessGone(context.client(SSMClient).send(new DeleteParameterCommand({ Name })));
  },
};
