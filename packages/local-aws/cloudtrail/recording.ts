import { randomUUID } from 'node:crypto';
import { NormalizedSchema } from '@smithy/core/schema';
import type { EndedCall } from '../call';
import type { Service } from '../service';
import { type OperationSchema, operationSchemas } from '../wire/operation-schema';
import { Query } from '../wire/query';
import { type CloudTrailRecord, toTheSecond } from './cloudtrail-record';
import { eventName, isDataEvent, isReadOnly } from './event-names';
import { recordResources } from './record-resources';
import { s3RequestParameters, s3ResponseElements } from './s3-parameters';
import { userIdentity } from './user-identity';
import { isoDate, longDate, visible } from './visible-parameters';

/**
 * Members that CloudTrail leaves out. CloudFormation shows a stack parameter's key only.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-api-logging-cloudtrail.html
 */
const without: Record<string, readonly string[]> = {
  cloudformation: ['parameterValue', 'templateBody'],
  sts: ['secretAccessKey'],
};

/** Turns a call that has ended into the event that CloudTrail writes of it. */
export function recorded(call: EndedCall, account: string, service: Service): CloudTrailRecord {
  const { operation, principal, errorCode, errorMessage } = call;
  const readOnly = isReadOnly(operation);
  const isData = isDataEvent(service.name, operation);
  const through = principal.service ? principal.arn : principal.invokedBy;
  const resources = recordResources(call, account);
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(principal, call.accessKeyId),
    eventTime: toTheSecond(call.time),
    eventSource: `${service.signingName}.amazonaws.com`,
    eventName: eventName(service.name, operation),
    awsRegion: call.region,
    sourceIPAddress: through ?? '127.0.0.1',
    userAgent: through ?? call.userAgent ?? '',
    ...(errorCode !== undefined && { errorCode, errorMessage }),
    requestParameters: requestParameters(call, service),
    responseElements: responseElements(call, service, readOnly),
    ...(isInvocation(call) && { additionalEventData: { functionVersion: `${resources?.[0]?.ARN}:$LATEST` } }),
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly,
    ...(resources && { resources }),
    eventType: 'AwsApiCall',
    managementEvent: !isData,
    recipientAccountId: account,
    eventCategory: isData ? 'Data' : 'Management',
  };
}

/**
 * Neither payload nor answer is shown, and in captured events not even the request: `resources` tell the function, without
 * a qualifier, `requestID` is the id of the invocation.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
function isInvocation({ service, operation }: EndedCall): boolean {
  return service === 'lambda' && operation === 'Invoke';
}

function requestParameters(call: EndedCall, service: Service): Record<string, unknown> | null {
  const { input, operation } = call;
  if (isInvocation(call)) {
    return null;
  }
  if (service.name === 'bedrock-runtime') {
    // The conversation is never shown: https://docs.aws.amazon.com/bedrock/latest/userguide/logging-using-cloudtrail.html
    // No captured RenderPrompt is public: its `resources` tell the version, and nothing here promises more.
    return operation === 'RenderPrompt' ? null : orNull({ modelId: input.modelId });
  }
  const schema = schemaOf(service, operation);
  if (!schema) {
    return orNull(input);
  }
  return orNull(
    service.name === 's3' ? s3RequestParameters(schema, input, call.region) : spelled(schema[4], input, service),
  );
}

function responseElements(call: EndedCall, service: Service, readOnly: boolean): Record<string, unknown> | null {
  const { output, operation, errorCode } = call;
  const isShown = !readOnly || operation.startsWith('AssumeRole');
  const schema = schemaOf(service, operation);
  if (!output || !isShown || !schema || errorCode !== undefined || isInvocation(call)) {
    return null;
  }
  const shown =
    service.name === 's3'
      ? s3ResponseElements(schema, output as Record<string, unknown>)
      : spelled(schema[5], output, service);
  return orNull(shown);
}

function spelled(schema: unknown, value: object, service: Service): Record<string, unknown> | null {
  const ns = NormalizedSchema.of(schema as never);
  const date = service.protocol instanceof Query ? longDate : isoDate;
  const shown = ns.isStructSchema() ? visible(ns, value, { date, without: without[service.name] ?? [] }) : null;
  return shown as Record<string, unknown> | null;
}

function orNull(value: Record<string, unknown> | null): Record<string, unknown> | null {
  return value && Object.keys(value).length > 0 ? value : null;
}

const schemas = new WeakMap<object, Map<string, OperationSchema>>();

function schemaOf({ client }: Service, operation: string): OperationSchema | undefined {
  const known = schemas.get(client) ?? operationSchemas(client);
  schemas.set(client, known);
  return known.get(operation);
}
