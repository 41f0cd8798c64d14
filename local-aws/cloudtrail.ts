import type {
  Event,
  LookupAttribute,
  LookupEventsCommandInput,
  LookupEventsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import * as client from '@aws-sdk/client-cloudtrail';
import { NormalizedSchema } from '@smithy/core/schema';
import { notImplemented } from './aws-error';
import type { CallRecord } from './call';
import { operation, type Service } from './service';
import { supportedMembers } from './supported-members';
import { JsonRpc } from './wire/json-rpc';
import { operationSchemas } from './wire/operation-schema';

/** What a trail records only on request: LookupEvents never shows these. */
const dataEvents: Record<string, RegExp> = {
  s3: /^(Get|Head|Put|Delete|List)Objects?(V2|Versions|Retention)?$/,
  lambda: /^Invoke/,
  'bedrock-agent-runtime': /./,
};
const eventSources: Record<string, string> = { 'bedrock-agent': 'bedrock', 'bedrock-runtime': 'bedrock' };

/**
 * CloudTrail's event history, read from the calls that this endpoint served; with no delay, where AWS takes minutes.
 * What the SDK's schemas mark as sensitive (a parameter's value, a prompt's text) is hidden, as AWS does.
 */
export function cloudtrail(calls: readonly CallRecord[], account: string, services: () => readonly Service[]): Service {
  return {
    name: 'cloudtrail',
    signingName: 'cloudtrail',
    client,
    protocol: new JsonRpc('CloudTrail_20131101'),
    operations: {
      LookupEvents: operation<LookupEventsCommandInput, LookupEventsCommandOutput>({
        authorize: () => [{ action: 'cloudtrail:LookupEvents', resource: '*' }],
        run: (input, call) => {
          supportedMembers(call, input, 'LookupAttributes StartTime EndTime MaxResults NextToken');
          const { LookupAttributes = [], StartTime, EndTime, MaxResults = 50, NextToken = '0' } = input;
          const events = calls
            .filter(({ service, operation: name }) => !dataEvents[service]?.test(name))
            .filter(({ time }) => (!StartTime || time >= StartTime) && (!EndTime || time <= EndTime))
            .map((record) => event(record, account, services()))
            .filter((found) => LookupAttributes.every((attribute) => has(found, attribute)))
            .reverse();
          const end = Number(NextToken) + MaxResults;
          const more = end < events.length ? String(end) : undefined;
          return { Events: events.slice(Number(NextToken), end), NextToken: more };
        },
      }),
    },
  };
}

function event(record: CallRecord, account: string, services: readonly Service[]): Event {
  const { service, operation: name, principalArn, requestId, time } = record;
  const source = `${eventSources[service] ?? service}.amazonaws.com`;
  const readOnly = /^(Get|List|Describe|Lookup|Head|Simulate|Validate|AssumeRole)/.test(name);
  const [, roleName] = /:assumed-role\/([^/]+)\//.exec(principalArn) ?? [];
  const issuer = {
    type: 'Role',
    arn: `arn:aws:iam::${account}:role/${roleName}`,
    accountId: account,
    userName: roleName,
  };
  const content = {
    eventVersion: '1.11',
    userIdentity: {
      ...{ type: roleName ? 'AssumedRole' : 'IAMUser', arn: principalArn, accountId: account },
      ...(roleName && { sessionContext: { sessionIssuer: issuer } }),
    },
    ...{ eventTime: time.toISOString(), eventSource: source, eventName: name, awsRegion: record.region },
    ...{ sourceIPAddress: '127.0.0.1', errorCode: record.errorCode, errorMessage: record.errorMessage },
    requestParameters: parameters(record, services),
    ...{ requestID: requestId, eventID: requestId, readOnly, eventType: 'AwsApiCall', managementEvent: true },
    ...{ recipientAccountId: account, eventCategory: 'Management' },
  };
  return {
    ...{ EventId: requestId, EventName: name, EventSource: source, EventTime: time, ReadOnly: String(readOnly) },
    Username: principalArn.slice(principalArn.lastIndexOf('/') + 1),
    CloudTrailEvent: JSON.stringify(content),
  };
}

function has(found: Event, { AttributeKey, AttributeValue }: LookupAttribute): boolean {
  switch (AttributeKey) {
    case 'EventId':
    case 'EventName':
    case 'EventSource':
    case 'ReadOnly':
    case 'Username':
      return found[AttributeKey] === AttributeValue;
    default:
      throw notImplemented(`cloudtrail LookupEvents by ${AttributeKey}`);
  }
}

function parameters({ service: name, operation: action, input }: CallRecord, services: readonly Service[]): unknown {
  const service = services.find((candidate) => candidate.name === name);
  const schema = service && operationSchemas(service.client).get(action)?.[4];
  return schema ? visible(NormalizedSchema.of(schema as never), input) : undefined;
}

/** The value in CloudTrail's spelling (first letters small), without what the schema calls sensitive, and bytes left out. */
function visible(schema: NormalizedSchema, value: unknown): unknown {
  if (value === undefined || value === null) {
    return value;
  }
  if (schema.getMergedTraits().sensitive) {
    return 'HIDDEN_DUE_TO_SECURITY_REASONS';
  }
  if (schema.isBlobSchema()) {
    return undefined;
  }
  if (schema.isListSchema()) {
    return (value as unknown[]).map((item) => visible(schema.getValueSchema(), item));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value).map(([key, item]) => [key, visible(schema.getValueSchema(), item)]);
    return Object.fromEntries(entries);
  }
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()].map(([name, member]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      visible(member, (value as Record<string, unknown>)[name]),
    ]);
    return Object.fromEntries(members.filter(([, item]) => item !== undefined));
  }
  return value;
}
