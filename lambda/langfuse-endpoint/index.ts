import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LEDGER_BUCKET_VARIABLE, PARAMETER_PREFIX_VARIABLE } from '../../core/contract/handler-environment';
import { LANGFUSE_ENDPOINT_VARIABLE } from '../../core/contract/langfuse-endpoint';
import { s3ClientConfig } from '../aws-client-config';
import { systemClock } from '../clock';
import { environmentVariable } from '../environment-variable';
import { isAwsError } from '../error-code';
import { jsonLog } from '../log';
import { once } from '../once';
import { S3ObjectStore } from '../s3-object-store';
import type { ReadParameters } from './alias-targets';
import type { ArchiveStore } from './archived-versions';
import type { FrontEvent } from './front-event';
import { langfuseEndpoint } from './handler';
import type { ReadSecret } from './key-secrets';

/** A reader waits for the answer: fewer tries than in a deployment, and none of them long. */
const READER = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
} as const;

const endpoint = once(() =>
  langfuseEndpoint({
    settings: JSON.parse(environmentVariable(LANGFUSE_ENDPOINT_VARIABLE)),
    parameterPrefix: environmentVariable(PARAMETER_PREFIX_VARIABLE),
    parameters: parametersOf(new SSMClient(READER)),
    archive: archiveOf(
      new S3Client({ ...s3ClientConfig(process.env), ...READER }),
      environmentVariable(LEDGER_BUCKET_VARIABLE),
    ),
    secrets: secretsOf(new SecretsManagerClient(READER)),
    clock: systemClock,
    random: Math.random,
    log: jsonLog,
    metric: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
  }),
);

export const handler = (event: FrontEvent) => endpoint()(event);

function parametersOf(ssm: SSMClient): ReadParameters {
  return async (names, patience) => {
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: [...names] }), within(patience));
    return new Map(Parameters.map(({ Name = '', Value = '' }) => [Name, Value]));
  };
}

function within(patience: number | undefined) {
  return { abortSignal: patience === undefined ? undefined : AbortSignal.timeout(patience) };
}

function archiveOf(s3: S3Client, bucket: string): ArchiveStore {
  const objects = new S3ObjectStore(s3, bucket, systemClock);
  return {
    list: (prefix, limit, after) => objects.list(prefix, limit, after),
    read: async (key) => {
      try {
        const { Body, LastModified } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const body = (await Body?.transformToString('utf-8')) ?? '';
        return { body, writtenAt: (LastModified ?? new Date(0)).toISOString() };
      } catch (error) {
        if (isAwsError(error, 'NoSuchKey', 'NotFound')) return undefined;
        throw error;
      }
    },
  };
}

function secretsOf(client: SecretsManagerClient): ReadSecret {
  return async (SecretId, VersionStage, patience) => {
    try {
      const found = await client.send(new GetSecretValueCommand({ SecretId, VersionStage }), within(patience));
      return { text: found.SecretString ?? '', createdAt: found.CreatedDate?.getTime() ?? 0 };
    } catch (error) {
      // A secret that was never rotated has no previous value.
      if (VersionStage === 'AWSPREVIOUS' && isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  };
}
