import { gzipSync } from 'node:zlib';
import type { LoggingConfig } from '@aws-sdk/client-bedrock';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import type { Authorizer } from '../iam/authorizer';
import type { LogGroups } from '../logs/log-groups';
import type { CredentialStore } from '../sts/credential-store';
import { roleSession } from '../sts/role-session';
import { type RoleDirectory, roleNameOf } from '../sts/sts';
import { supportedMembers } from '../supported-members';

/** Of a call that names a prompt AWS documents neither: what was sent, or what the model got. */
export type LoggedPrompts = 'sent' | 'rendered';

export interface InvocationLoggingOptions {
  readonly groups: LogGroups;
  readonly authorizer: Authorizer;
  readonly credentials: CredentialStore;
  readonly roles: RoleDirectory;
  readonly endpoint: () => string;
}

/** A call that a model answered. */
export interface LoggedInvocation {
  readonly modelId: string;
  readonly input: object;
  readonly requestMetadata?: Record<string, string> | undefined;
  readonly output: { readonly usage: { readonly inputTokens: number; readonly outputTokens: number } };
}

/** The stream's name in the policy of https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html */
const STREAM = 'aws/bedrock/modelinvocations';
/** What is larger goes to S3, or nowhere. */
const LARGEST = 100_000;

/** Bedrock's model invocation logging into a group of CloudWatch Logs; calls that were refused are not in it. */
export class InvocationLogging {
  /** What a record shows of a call that names a prompt. */
  prompts: LoggedPrompts = 'sent';
  config: LoggingConfig | undefined;

  constructor(private readonly options: InvocationLoggingOptions) {}

  /** Bedrock looks whether the group is there and whether the role may write to it before it takes a configuration. */
  async put(config: LoggingConfig, call: Call): Promise<void> {
    supportedMembers(
      call,
      config,
      'cloudWatchConfig textDataDeliveryEnabled imageDataDeliveryEnabled embeddingDataDeliveryEnabled',
    );
    const { logGroupName = '', roleArn = '' } = config.cloudWatchConfig ?? {};
    const { groups, authorizer, roles } = this.options;
    const { account, region, time: created } = call;
    if (!groups.has(logGroupName)) throw refused(`The specified log group does not exist: ${logGroupName}`);
    const name = roleNameOf(roleArn);
    const role = { name, ...roles.identity(name) };
    const principal = roleSession({ account, role, sessionName: 'BedrockModelInvocationLogging', created });
    const resource = `arn:aws:logs:${region}:${account}:log-group:${logGroupName}:log-stream:${STREAM}`;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      await authorizer.require(principal, region, { action, resource }).catch((error: Error) => {
        throw refused(
          `Failed to validate permissions for log group: ${logGroupName}, with role: ${roleArn}. ${error.message}`,
        );
      });
    }
    this.config = config;
  }

  /** @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html */
  async write(call: Call, { modelId, input, requestMetadata, output }: LoggedInvocation): Promise<void> {
    const { cloudWatchConfig, textDataDeliveryEnabled = true } = this.config ?? {};
    if (!cloudWatchConfig?.logGroupName) return;
    const { requestId, account, region, operation, principal, time } = call;
    const { inputTokens, outputTokens } = output.usage;
    const body = (name: 'input' | 'output', value: object) =>
      textDataDeliveryEnabled ? this.body(call, name, value) : {};
    const record = {
      ...{ schemaType: 'ModelInvocationLog', schemaVersion: '1.0', timestamp: `${time.toISOString().slice(0, 19)}Z` },
      ...{ accountId: account, identity: { arn: principal.arn }, region, requestId, operation, modelId },
      input: {
        ...{ inputContentType: 'application/json', ...(await body('input', input)) },
        inputTokenCount: inputTokens,
      },
      output: {
        ...{ outputContentType: 'application/json', ...(await body('output', output)) },
        outputTokenCount: outputTokens,
      },
      ...(requestMetadata && { requestMetadata }),
    };
    this.options.groups.write(cloudWatchConfig.logGroupName, STREAM, JSON.stringify(record), time);
  }

  private async body(call: Call, name: 'input' | 'output', value: object): Promise<object> {
    const text = JSON.stringify(value);
    if (Buffer.byteLength(text) <= LARGEST) return { [`${name}BodyJson`]: value };
    const { bucketName, keyPrefix } = this.config?.cloudWatchConfig?.largeDataDeliveryS3Config ?? {};
    if (!bucketName) return {};
    const { account, region, requestId, time } = call;
    const hour = time.toISOString().slice(0, 13).replace(/[-T]/g, '/');
    const folder = `AWSLogs/${account}/BedrockModelInvocationLogs/${region}/${hour}/data/`;
    const Key = `${keyPrefix ? `${keyPrefix}/` : ''}${folder}${requestId}_${name}.json.gz`;
    const sourceArn = `arn:aws:bedrock:${region}:${account}:*`;
    const principal = { arn: 'bedrock.amazonaws.com', account, service: { sourceArn } };
    const credentials = this.options.credentials.issue(principal);
    const client = new S3Client({ endpoint: this.options.endpoint(), region, forcePathStyle: true, credentials });
    try {
      await client.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: gzipSync(text) }));
    } finally {
      client.destroy();
    }
    return { [`${name}BodyS3Path`]: `s3://${bucketName}/${Key}` };
  }
}

function refused(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
