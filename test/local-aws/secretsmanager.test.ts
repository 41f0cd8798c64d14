import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretStore } from '../../packages/local-aws/secretsmanager/secret-store';
import { secretsManager } from '../../packages/local-aws/secretsmanager/secretsmanager';
import { type Served, serve } from './serve';

let served: Served;
let client: SecretsManagerClient;

beforeEach(async () => {
  served = await serve(() => [secretsManager(new SecretStore())]);
  client = new SecretsManagerClient(served.administrator);
});
afterEach(() => served.stop());

const read = async (SecretId: string, VersionStage?: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;

describe('a secret', () => {
  it('has its current value and the one before', async () => {
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'app/key', SecretString: 'one' }));
    expect(ARN).toMatch(/:secret:app\/key-\w{6}$/);
    await expect(read('app/key', 'AWSPREVIOUS')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: 'two' }));
    expect([await read(`${ARN}`), await read('app/key', 'AWSPREVIOUS')]).toEqual(['two', 'one']);
    await client.send(new UpdateSecretCommand({ SecretId: ARN, SecretString: 'three', Description: 'd' }));
    expect([await read('app/key'), await read('app/key', 'AWSPREVIOUS')]).toEqual(['three', 'two']);
    const { VersionIdsToStages, Description } = await client.send(new DescribeSecretCommand({ SecretId: 'app/key' }));
    expect(
      Object.values(VersionIdsToStages ?? {})
        .flat()
        .sort(),
    ).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    expect(Description).toBe('d');
  });

  it('is written once for a token, and refused for another value', async () => {
    await client.send(new CreateSecretCommand({ Name: 'a', SecretString: 'one' }));
    const put = { SecretId: 'a', SecretString: 'two', ClientRequestToken: 'b'.repeat(32) };
    const [first, second] = [
      await client.send(new PutSecretValueCommand(put)),
      await client.send(new PutSecretValueCommand(put)),
    ];
    expect(second.VersionId).toBe(first.VersionId);
    await expect(client.send(new PutSecretValueCommand({ ...put, SecretString: 'x' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });

  it('is away once it is to be deleted, and comes back; or is gone', async () => {
    await client.send(new CreateSecretCommand({ Name: 'a', SecretString: 'one', Tags: [{ Key: 'x', Value: 'y' }] }));
    await client.send(new TagResourceCommand({ SecretId: 'a', Tags: [{ Key: 'z', Value: '' }] }));
    await client.send(new DeleteSecretCommand({ SecretId: 'a' }));
    await expect(read('a')).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(client.send(new CreateSecretCommand({ Name: 'a' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await client.send(new RestoreSecretCommand({ SecretId: 'a' }));
    expect(await read('a')).toBe('one');
    await client.send(new DeleteSecretCommand({ SecretId: 'a', ForceDeleteWithoutRecovery: true }));
    await expect(read('a')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is for whoever may read it, and no value stands among the calls', async () => {
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: 'a', SecretString: 'one' }));
    const may = (Resource: string) =>
      new SecretsManagerClient(
        served.as([{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource }]),
      ).send(new GetSecretValueCommand({ SecretId: 'a' }));
    expect((await may(ARN)).SecretString).toBe('one');
    await expect(may(ARN.replace(/.$/, '_'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('is not rotated here', async () => {
    await client.send(new CreateSecretCommand({ Name: 'a', SecretString: 'one' }));
    await expect(client.send(new RotateSecretCommand({ SecretId: 'a' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
  });
});

it('a password has the characters that are asked for', async () => {
  const password = async (input: object) =>
    (await client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? '';
  expect(await password({ PasswordLength: 48, ExcludePunctuation: true })).toMatch(/^[A-Za-z0-9]{48}$/);
  expect(
    await password({
      ExcludeUppercase: true,
      ExcludeLowercase: true,
      ExcludePunctuation: true,
      ExcludeCharacters: '0',
    }),
  ).toMatch(/^[1-9]{32}$/);
  expect(await password({})).not.toBe(await password({}));
});
