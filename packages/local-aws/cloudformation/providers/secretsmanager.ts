import { isDeepStrictEqual } from 'node:util';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetRandomPasswordCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Properties } from '../stack-target';
import { as, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

interface SecretProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly SecretString?: string;
  readonly GenerateSecretString?: {
    readonly SecretStringTemplate?: string;
    readonly GenerateStringKey?: string;
    readonly [setting: string]: unknown;
  };
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const flags = /^(true|false)$/;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
export const secretsManagerSecret: ResourceProvider = {
  properties: 'Name Description SecretString GenerateSecretString Tags',

  async create(properties, context) {
    const { Name, Description, Tags, ...value } = as<SecretProperties>(properties);
    const input = { Name: Name ?? context.generatedName(64), Description, Tags: [...(Tags ?? [])] };
    const SecretString = await secretText(value, context);
    const { ARN } = await context
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ ...input, SecretString }));
    return { physicalId: String(ARN), attributes: { Id: ARN } };
  },

  async update(SecretId, properties, before, context) {
    const client = context.client(SecretsManagerClient);
    const [to, from] = [as<SecretProperties>(properties), as<SecretProperties>(before)];
    // A generated value stays, unless how it is generated changes.
    const isSame = isDeepStrictEqual(
      [to.SecretString, to.GenerateSecretString],
      [from.SecretString, from.GenerateSecretString],
    );
    const SecretString = isSame ? undefined : await secretText(to, context);
    await client.send(new UpdateSecretCommand({ SecretId, Description: to.Description ?? '', SecretString }));
    const TagKeys = (from.Tags ?? []).map(({ Key }) => Key).filter((key) => !to.Tags?.some(({ Key }) => Key === key));
    if (TagKeys.length > 0) {
      await client.send(new UntagResourceCommand({ SecretId, TagKeys }));
    }
    if (to.Tags?.length) {
      await client.send(new TagResourceCommand({ SecretId, Tags: [...to.Tags] }));
    }
    return { Id: SecretId };
  },

  async remove(SecretId, _, context) {
    const command = new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true });
    await unlessGone(context.client(SecretsManagerClient).send(command));
  },
};

async function secretText({ SecretString, GenerateSecretString }: SecretProperties, context: ProviderContext) {
  if (!GenerateSecretString) return SecretString;
  const { SecretStringTemplate, GenerateStringKey = '', ...settings } = GenerateSecretString;
  const typed: Properties = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, name === 'PasswordLength' ? Number(value) : flag(value)]),
  );
  const { RandomPassword } = await context.client(SecretsManagerClient).send(new GetRandomPasswordCommand(typed));
  if (SecretStringTemplate === undefined) return RandomPassword;
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: RandomPassword });
}

/** Booleans come as text from parameters. */
function flag(value: unknown): unknown {
  return typeof value === 'string' && flags.test(value) ? value === 'true' : value;
}
