import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Credentials } from '../iam/principal';
import { isDecodable } from '../wire/is-decodable';
import type { SsmReader } from './parameters';
import { validationError } from './validation-error';

export interface ReadEnvironment {
  readonly region: string;
  readonly endpoint: () => string;
}

/** What CloudFormation reads of other services in a caller's or a role's name, so that IAM judges it. */
export function ssmReader({ endpoint, region }: ReadEnvironment, credentials: Credentials): SsmReader {
  return async (name) => {
    const client = new SSMClient({ endpoint: endpoint(), region, credentials });
    try {
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: [name] }));
      return Parameters[0]?.Value;
    } finally {
      client.destroy();
    }
  };
}

/** The template behind `TemplateURL`, which must be an object of this endpoint's S3. */
export async function readTemplate(
  url: string,
  { endpoint, region }: ReadEnvironment,
  credentials: Credentials,
): Promise<string> {
  const base = `${endpoint()}/`;
  const [, Bucket, Key] = /^([^/?#]+)\/([^?#]+)$/.exec(url.startsWith(base) ? url.slice(base.length) : '') ?? [];
  if (!Bucket || !Key || !isDecodable(Key)) {
    throw validationError('TemplateURL must be a supported URL.');
  }
  const client = new S3Client({ endpoint: endpoint(), region, credentials, forcePathStyle: true });
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: decodeURIComponent(Key) }));
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    throw validationError(`S3 error: ${(error as Error).message}`);
  } finally {
    client.destroy();
  }
}
