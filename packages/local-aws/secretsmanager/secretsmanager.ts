import type * as api from '@aws-sdk/client-secrets-manager';
import * as client from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../aws-error';
import type { Authorization, Call } from '../call';
import { type Operation, operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { JsonRpc } from '../wire/json-rpc';
import { randomPassword } from './random-password';
import type { Secret, SecretStore, SecretVersion } from './secret-store';

/** Secrets as text, with stages. No binary values, no rotation functions, no replicas, no resource policies. */
export function secretsManager(store: SecretStore): Service {
  const onSecret = (id: string | undefined, call: Call): Authorization => ({
    action: `secretsmanager:${call.operation}`,
    resource: store.find(id)?.arn ?? `${prefixOf(call)}${id?.split(':').at(-1)}-000000`,
  });
  const authorize = ({ SecretId }: { SecretId: string | undefined }, call: Call) => [onSecret(SecretId, call)];

  const operations: Record<string, Operation> = {
    GetRandomPassword: operation<api.GetRandomPasswordCommandInput, api.GetRandomPasswordCommandOutput>({
      authorize: () => [{ action: 'secretsmanager:GetRandomPassword', resource: '*' }],
      run: (input) => ({ RandomPassword: randomPassword(input) }),
    }),
    CreateSecret: operation<api.CreateSecretCommandInput, api.CreateSecretCommandOutput>({
      authorize: ({ Name }, call) => [onSecret(Name, call)],
      run: (input, call) => {
        supportedMembers(call, input, 'Name Description SecretString ClientRequestToken Tags');
        const { Name = '', Description: description, SecretString, ClientRequestToken, Tags = [] } = input;
        if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(Name)) {
          throw new AwsError(
            'ValidationException',
            400,
            'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
          );
        }
        const tags = new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        const secret = store.create({ name: Name, description, tags, created: call.time }, prefixOf(call));
        const version =
          SecretString === undefined ? undefined : store.put(secret, SecretString, call.time, ClientRequestToken);
        return { ARN: secret.arn, Name, VersionId: version?.id };
      },
    }),
    GetSecretValue: operation<api.GetSecretValueCommandInput, api.GetSecretValueCommandOutput>({
      authorize,
      run: ({ SecretId, VersionId: id, VersionStage: stage }) => {
        const secret = store.usable(SecretId);
        const version = store.version(secret, { id, stage });
        return { ...shown(secret, version), SecretString: version.value, CreatedDate: version.created };
      },
    }),
    PutSecretValue: operation<api.PutSecretValueCommandInput, api.PutSecretValueCommandOutput>({
      authorize,
      run: (input, call) => {
        supportedMembers(call, input, 'SecretId SecretString ClientRequestToken VersionStages');
        const { SecretId, SecretString = '', ClientRequestToken, VersionStages } = input;
        const secret = store.usable(SecretId);
        return shown(secret, store.put(secret, SecretString, call.time, ClientRequestToken, VersionStages));
      },
    }),
    UpdateSecret: operation<api.UpdateSecretCommandInput, api.UpdateSecretCommandOutput>({
      authorize,
      run: (input, call) => {
        supportedMembers(call, input, 'SecretId SecretString Description ClientRequestToken');
        const { SecretId, SecretString, Description, ClientRequestToken } = input;
        const secret = store.usable(SecretId);
        secret.description = Description ?? secret.description;
        const version =
          SecretString === undefined ? undefined : store.put(secret, SecretString, call.time, ClientRequestToken);
        return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
      },
    }),
    DescribeSecret: operation<api.DescribeSecretCommandInput, api.DescribeSecretCommandOutput>({
      authorize,
      run: ({ SecretId }) => {
        const { arn, name, description, tags, created, changed, deletion, versions } = store.get(SecretId);
        return {
          ...{ ARN: arn, Name: name, Description: description, CreatedDate: created, LastChangedDate: changed },
          DeletedDate: deletion,
          Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
          VersionIdsToStages: Object.fromEntries([...versions.values()].map(({ id, stages }) => [id, [...stages]])),
        };
      },
    }),
    ListSecretVersionIds: operation<api.ListSecretVersionIdsCommandInput, api.ListSecretVersionIdsCommandOutput>({
      authorize,
      run: ({ SecretId }) => {
        const { arn, name, versions } = store.get(SecretId);
        const Versions = [...versions.values()].map(({ id, created, stages }) => ({
          ...{ VersionId: id, CreatedDate: created, VersionStages: [...stages] },
        }));
        return { ARN: arn, Name: name, Versions };
      },
    }),
    DeleteSecret: operation<api.DeleteSecretCommandInput, api.DeleteSecretCommandOutput>({
      authorize,
      run: ({ SecretId, ForceDeleteWithoutRecovery = false, RecoveryWindowInDays = 30 }, call) => {
        const secret = store.usable(SecretId);
        const days = ForceDeleteWithoutRecovery ? 0 : RecoveryWindowInDays;
        secret.deletion = new Date(call.time.getTime() + days * 86_400_000);
        if (ForceDeleteWithoutRecovery) {
          store.delete(secret);
        }
        return { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deletion };
      },
    }),
    RestoreSecret: operation<api.RestoreSecretCommandInput, api.RestoreSecretCommandOutput>({
      authorize,
      run: ({ SecretId }) => {
        const secret = store.get(SecretId);
        secret.deletion = undefined;
        return { ARN: secret.arn, Name: secret.name };
      },
    }),
    TagResource: operation<api.TagResourceCommandInput, object>({
      authorize,
      run: ({ SecretId, Tags = [] }) => {
        const { tags } = store.usable(SecretId);
        for (const { Key = '', Value = '' } of Tags) {
          tags.set(Key, Value);
        }
        return {};
      },
    }),
    UntagResource: operation<api.UntagResourceCommandInput, object>({
      authorize,
      run: ({ SecretId, TagKeys = [] }) => {
        const { tags } = store.usable(SecretId);
        for (const key of TagKeys) {
          tags.delete(key);
        }
        return {};
      },
    }),
  };
  return {
    ...{ name: 'secretsmanager', signingName: 'secretsmanager', client, operations },
    protocol: new JsonRpc('secretsmanager'),
  };
}

function prefixOf({ region, account }: Call): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:`;
}

function shown({ arn, name }: Secret, { id, stages }: SecretVersion) {
  return { ARN: arn, Name: name, VersionId: id, VersionStages: [...stages] };
}
