import {
  BedrockClient,
  CreateInferenceProfileCommand,
  type CreateInferenceProfileCommandInput,
  DeleteInferenceProfileCommand,
  GetInferenceProfileCommand,
  TagResourceCommand as TagBedrockResourceCommand,
  UntagResourceCommand as UntagBedrockResourceCommand,
} from '@aws-sdk/client-bedrock';
import {
  BedrockAgentClient,
  CreatePromptCommand,
  type CreatePromptCommandInput,
  CreatePromptVersionCommand,
  type CreatePromptVersionCommandInput,
  DeletePromptCommand,
  GetPromptCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePromptCommand,
  type UpdatePromptCommandInput,
} from '@aws-sdk/client-bedrock-agent';
import { changedProperties } from '../resource-types';
import { withTextLeaves } from '../text-leaves';
import { as, ifThere, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

interface Prompt {
  readonly arn?: string;
  readonly id?: string;
  readonly version?: string;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
}

const attributes = ({ arn, id, version, createdAt, updatedAt }: Prompt) => ({
  Arn: arn,
  Id: id,
  Version: version,
  CreatedAt: createdAt?.toISOString(),
  UpdatedAt: updatedAt?.toISOString(),
});

/** The prompt and its draft; `Ref` is the ARN. */
export const bedrockPrompt: ResourceProvider = {
  properties: 'Name Description DefaultVariant Variants CustomerEncryptionKeyArn Tags',

  async create({ Tags, ...properties }, context) {
    const input = { ...(camelCased(properties, context) as object), tags: Tags };
    const prompt = await context
      .client(BedrockAgentClient)
      .send(new CreatePromptCommand(as<CreatePromptCommandInput>(input)));
    return { physicalId: String(prompt.arn), attributes: attributes(prompt) };
  },

  async update(arn, { Tags, ...properties }, before, context) {
    await bringTags(arn, as(Tags ?? {}), as(before.Tags ?? {}), context);
    const input = { ...(camelCased(properties, context) as object), promptIdentifier: idOf(arn) };
    const command = new UpdatePromptCommand(as<UpdatePromptCommandInput>(input));
    return attributes(await context.client(BedrockAgentClient).send(command));
  },

  async find({ Arn }, context) {
    const command = new GetPromptCommand({ promptIdentifier: String(Arn) });
    const prompt = await ifThere(context.client(BedrockAgentClient).send(command));
    // A version's ARN is not that of a prompt.
    return prompt?.arn === Arn ? { physicalId: String(Arn), attributes: attributes(prompt ?? {}) } : undefined;
  },

  async remove(arn, _, context) {
    const command = new DeletePromptCommand({ promptIdentifier: idOf(arn) });
    await unlessGone(context.client(BedrockAgentClient).send(command));
  },
};

/** A snapshot of whatever the draft is; each of its properties replaces it. `Ref` is the ARN of the version. */
export const bedrockPromptVersion: ResourceProvider = {
  properties: 'PromptArn Description Tags',

  async create({ PromptArn, Description, Tags }, context) {
    const input = { promptIdentifier: idOf(String(PromptArn)), description: Description, tags: Tags };
    const command = new CreatePromptVersionCommand(as<CreatePromptVersionCommandInput>(input));
    const { arn, id, name, version } = await context.client(BedrockAgentClient).send(command);
    return { physicalId: String(arn), attributes: { Arn: arn, PromptId: id, Name: name, Version: version } };
  },

  update() {
    throw new Error('every property of AWS::Bedrock::PromptVersion replaces it');
  },

  async remove(arn, _, context) {
    const [promptIdentifier = '', promptVersion] = idOf(arn).split(':');
    // Without a version it would be the whole prompt.
    if (!promptVersion) throw new Error(`expected the ARN of a version, found ${arn}`);
    await unlessGone(
      context.client(BedrockAgentClient).send(new DeletePromptCommand({ promptIdentifier, promptVersion })),
    );
  },
};

/**
 * A copy of a model's or profile's route that can be tagged; all but its tags replace it. `Ref` is the ARN.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-applicationinferenceprofile.html
 */
export const bedrockApplicationInferenceProfile: ResourceProvider = {
  properties: 'InferenceProfileName Description ModelSource Tags',

  async create({ InferenceProfileName, Description, ModelSource, Tags }, context) {
    const { CopyFrom } = (ModelSource ?? {}) as { CopyFrom?: string };
    const input = {
      ...{ inferenceProfileName: InferenceProfileName, description: Description, modelSource: { copyFrom: CopyFrom } },
      tags: tagList(Tags),
    };
    const client = context.client(BedrockClient);
    const made = await client.send(new CreateInferenceProfileCommand(as<CreateInferenceProfileCommandInput>(input)));
    const arn = made.inferenceProfileArn ?? '';
    context.made(arn);
    return { physicalId: arn, attributes: await profileAttributes(arn, context) };
  },

  async update(arn, { Tags }, before, context) {
    const client = context.client(BedrockClient);
    const tags = tagList(Tags);
    const tagKeys = tagList(before.Tags).flatMap(({ key }) => (tags.some((tag) => tag.key === key) ? [] : key));
    if (tags.length > 0) await client.send(new TagBedrockResourceCommand({ resourceARN: arn, tags }));
    if (tagKeys.length > 0) await client.send(new UntagBedrockResourceCommand({ resourceARN: arn, tagKeys }));
    return profileAttributes(arn, context);
  },

  async remove(arn, _, context) {
    const command = new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: arn });
    await unlessGone(context.client(BedrockClient).send(command));
  },
};

async function profileAttributes(arn: string, context: ProviderContext) {
  const command = new GetInferenceProfileCommand({ inferenceProfileIdentifier: arn });
  const found = await context.client(BedrockClient).send(command);
  return {
    InferenceProfileArn: found.inferenceProfileArn,
    InferenceProfileId: found.inferenceProfileId,
    InferenceProfileIdentifier: found.inferenceProfileArn,
    Status: found.status,
    Type: found.type,
    CreatedAt: found.createdAt?.toISOString(),
    UpdatedAt: found.updatedAt?.toISOString(),
  };
}

function tagList(tags: unknown): { key: string; value: string }[] {
  return as<{ Key: string; Value: string }[]>(tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));
}

type Tags = Record<string, string>;

async function bringTags(resourceArn: string, to: Tags, from: Tags, context: ProviderContext): Promise<void> {
  const changed = changedProperties(from, to);
  const tags = Object.fromEntries(Object.entries(to).filter(([key]) => changed.includes(key)));
  const tagKeys = changed.filter((key) => !(key in to));
  const client = context.client(BedrockAgentClient);
  if (Object.keys(tags).length > 0) {
    await client.send(new TagResourceCommand({ resourceArn, tags }));
  }
  if (tagKeys.length > 0) {
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys }));
  }
}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

const freeJson = ['AdditionalModelRequestFields', 'Json', 'Auto', 'Any'];
const numbers = ['Temperature', 'TopP', 'MaxTokens'];

/** The API's casing; free JSON keeps the author's. */
function camelCased(value: unknown, context: ProviderContext): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => camelCased(item, context));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([name, v]) => {
    const camel = name.charAt(0).toLowerCase() + name.slice(1);
    if (freeJson.includes(name)) {
      return [camel, context.freeJson === 'as-texts' ? withTextLeaves(v) : v];
    }
    return [camel, numbers.includes(name) ? Number(v) : camelCased(v, context)];
  });
  return Object.fromEntries(entries);
}
