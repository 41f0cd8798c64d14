import { NormalizedSchema } from '@smithy/core/schema';
import type { OperationSchema } from '../wire/operation-schema';
import { isoDate, visible } from './visible-parameters';

/**
 * S3 shows a request as it came over HTTP: bucket, key, query and `x-amz-` headers, and a body under its element's
 * name. A `DeleteObjects` does not show which objects: each is an event `DeleteObject` of its own.
 */
export function s3RequestParameters(schema: OperationSchema, input: Record<string, unknown>, region: string) {
  const { Bucket, Key, ...members } = input as { Bucket?: string; Key?: string } & Record<string, unknown>;
  const [, , operation, traits] = schema;
  const [, template = ''] = (typeof traits === 'object' && traits.http) || [];
  const shown: Record<string, unknown> = {};
  if (Bucket !== undefined) {
    Object.assign(shown, { bucketName: Bucket, Host: `${Bucket}.s3.${region}.amazonaws.com` });
  }
  if (Key !== undefined) {
    shown.key = Key;
  }
  for (const [name, value] of new URLSearchParams(template.split('?')[1] ?? '')) {
    shown[name] = value;
  }
  if (operation === 'DeleteObjects') {
    return shown;
  }
  for (const [name, member] of NormalizedSchema.of(schema[4] as never).structIterator()) {
    if (members[name] !== undefined) {
      Object.assign(shown, shownMember(name, member, members[name]));
    }
  }
  return shown;
}

function shownMember(name: string, member: NormalizedSchema, value: unknown): Record<string, unknown> {
  const { httpQuery, httpHeader, httpPayload } = member.getMergedTraits();
  if (httpQuery || (httpHeader && /^x-amz-/i.test(httpHeader))) {
    return { [httpQuery || httpHeader || '']: value instanceof Date ? isoDate(value) : String(value) };
  }
  if (name === 'Policy') {
    return { bucketPolicy: parsed(String(value)) };
  }
  const isBody = httpPayload && member.isStructSchema();
  return isBody ? { [name]: capitalised(visible(member, value, { date: isoDate, without: [] })) } : {};
}

/** `x-amz-version-id` and its like, of a write's answer. */
export function s3ResponseElements(schema: OperationSchema, output: Record<string, unknown>) {
  const ns = NormalizedSchema.of(schema[5] as never);
  const members = ns.isStructSchema() ? [...ns.structIterator()] : [];
  const shown = members.flatMap(([name, member]) => {
    const { httpHeader } = member.getMergedTraits();
    const value = output[name];
    return httpHeader && /^x-amz-/i.test(httpHeader) && value !== undefined ? [[httpHeader, String(value)]] : [];
  });
  return Object.fromEntries(shown) as Record<string, string>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Bodies keep the capital letters of their XML. */
function capitalised(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(capitalised);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.charAt(0).toUpperCase() + name.slice(1), capitalised(item)]),
  );
}
