import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { unzipSync } from 'fflate';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import type { CredentialStore } from '../sts/credential-store';

export interface UnpackedCode {
  readonly directory: string;
  /** Base64 of the archive's digest. */
  readonly sha256: string;
  readonly size: number;
}

/** Fetches a function's archive, from S3 in the caller's name as Lambda does, and unpacks it below `root`. */
export async function unpackCode(code: FunctionCode, root: string, call: Call, credentials: CredentialStore) {
  const archive = code.ZipFile ?? (await fromS3(code, call, credentials));
  const directory = mkdtempSync(join(root, 'code-'));
  for (const [name, bytes] of Object.entries(entriesOf(archive))) {
    const path = join(directory, name);
    if (!path.startsWith(directory + sep)) {
      throw invalid(`Could not unzip uploaded file: the entry ${name} leaves the archive.`);
    }
    if (name.endsWith('/')) {
      mkdirSync(path, { recursive: true });
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
  }
  const sha256 = createHash('sha256').update(archive).digest('base64');
  return { directory, sha256, size: archive.length } satisfies UnpackedCode;
}

async function fromS3(code: FunctionCode, call: Call, credentials: CredentialStore): Promise<Uint8Array> {
  const { S3Bucket, S3Key, S3ObjectVersion } = code;
  if (!S3Bucket || !S3Key) {
    throw notImplemented('lambda functions from anything but ZipFile or S3Bucket with S3Key');
  }
  const s3 = new S3Client({
    ...{ endpoint: call.endpoint, region: call.region, forcePathStyle: true },
    credentials: credentials.issue({
      ...{ ...call.principal, invokedBy: 'lambda.amazonaws.com', shownAccessKeyId: call.accessKeyId },
    }),
  });
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: S3Bucket, Key: S3Key, VersionId: S3ObjectVersion }));
    return (await object.Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    const { name, message } = error as Error;
    throw invalid(`Error occurred while GetObject. S3 Error Code: ${name}. S3 Error Message: ${message}`);
  } finally {
    s3.destroy();
  }
}

function entriesOf(archive: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(archive);
  } catch {
    throw invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', 400, message, { Type: 'User' });
}
