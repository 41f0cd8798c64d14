import { PROMPT_ID_PATTERN, parseVersionArn } from '../contract/version-arn';
import { object, text } from './trail-event';

/** A call of a model, as Bedrock's invocation logs have it. */
export interface LoggedInvocation {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** ARN of the user, or of the role's sessions. */
  readonly principal: string;
  /** Name of the role or user, as a policy's holders are named. */
  readonly name: string;
  readonly operation: string;
  readonly modelId: string;
  /** Bedrock's id of the prompt that was called, a draft too; null where the record names none. */
  readonly promptId: string | null;
  /** The version whose ARN was called, where the record names it. */
  readonly called: { readonly promptId: string; readonly version: number } | null;
  /** The version that the caller says it was: the client writes it into the metadata of each request. */
  readonly claimed: { readonly prompt: string; readonly version: number } | null;
  /** What was sent, or what the model got: AWS does not document which. Undefined where it is not in the record. */
  readonly body: unknown;
  /** Where a large body lies. */
  readonly bodyPath: string | null;
}

const PROMPT_OF_ARN = new RegExp(`:prompt/(${PROMPT_ID_PATTERN})(?::|$)`);

/**
 * Reads one record; undefined for what is none, and for a call that ended with an error: nothing was answered.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export function loggedInvocation(value: unknown): LoggedInvocation | undefined {
  const record = object(value);
  const [time, modelId] = [text(record.timestamp), text(record.modelId)];
  if (record.schemaType !== 'ModelInvocationLog' || time === null || modelId === null) return undefined;
  if (Number.isNaN(Date.parse(time)) || text(record.errorCode) !== null) return undefined;
  const { principal, name } = caller(text(object(record.identity).arn) ?? '');
  const { prompt, version } = object(record.requestMetadata);
  const number = Number(text(version) ?? Number.NaN);
  const input = object(record.input);
  return {
    time: new Date(time).toISOString(),
    principal,
    name,
    modelId,
    operation: text(record.operation) ?? '',
    promptId: PROMPT_OF_ARN.exec(modelId)?.[1] ?? null,
    called: parseVersionArn(modelId),
    claimed: text(prompt) !== null && Number.isInteger(number) ? { prompt: String(prompt), version: number } : null,
    body: bodyOf(input.inputBodyJson),
    bodyPath: text(input.inputBodyS3Path),
  };
}

/** Whether a record is of a call at all, one that ended with an error among them. */
export function isInvocation(value: unknown): boolean {
  return object(value).schemaType === 'ModelInvocationLog';
}

/** Some deliveries hold the body as a text of JSON. */
function bodyOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** The sessions of a role are one caller. */
function caller(arn: string): { principal: string; name: string } {
  const [, role, name = ''] = /^(arn:[^:]*:sts::\d*:assumed-role\/([^/]+))\//.exec(arn) ?? [];
  return role === undefined ? { principal: arn, name: arn.slice(arn.lastIndexOf('/') + 1) } : { principal: role, name };
}
