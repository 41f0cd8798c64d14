import * as bedrock from '@aws-sdk/client-bedrock';
import * as agent from '@aws-sdk/client-bedrock-agent';
import * as runtime from '@aws-sdk/client-bedrock-runtime';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { NormalizedSchema } from '@smithy/core/schema';
import { type OperationSchema, operationSchemas } from '../../packages/local-aws/wire/operation-schema';
import type { RawRequest } from './signed-request';

type Language = 'form' | 'json' | 'rpc' | 's3';

/** A request that was drawn, and what it asks for. */
export interface Drawn extends RawRequest {
  /** `bedrock-agent` */
  readonly name: string;
  readonly operation: string;
}

interface Speaker {
  readonly name: string;
  readonly service: string;
  readonly language: Language;
  readonly client: object;
  /** Before the operation's name in `X-Amz-Target`. */
  readonly target?: string;
}

const SPEAKERS: readonly Speaker[] = [
  { name: 'ssm', service: 'ssm', language: 'rpc', client: ssm, target: 'AmazonSSM' },
  { name: 'cloudtrail', service: 'cloudtrail', language: 'rpc', client: cloudtrail, target: 'CloudTrail_20131101' },
  { name: 'logs', service: 'logs', language: 'rpc', client: logs, target: 'Logs_20140328' },
  { name: 'events', service: 'events', language: 'rpc', client: events, target: 'AWSEvents' },
  {
    ...{ name: 'cloudwatch', service: 'monitoring', language: 'rpc', client: cloudwatch },
    target: 'GraniteServiceVersion20100801',
  },
  { name: 'sts', service: 'sts', language: 'form', client: sts },
  { name: 'iam', service: 'iam', language: 'form', client: iam },
  { name: 'cloudformation', service: 'cloudformation', language: 'form', client: cloudformation },
  { name: 'sns', service: 'sns', language: 'form', client: sns },
  { name: 'bedrock-agent', service: 'bedrock', language: 'json', client: agent },
  { name: 'bedrock', service: 'bedrock', language: 'json', client: bedrock },
  { name: 'bedrock-runtime', service: 'bedrock', language: 'json', client: runtime },
  { name: 'lambda', service: 'lambda', language: 'json', client: lambda },
  { name: 's3', service: 's3', language: 's3', client: s3 },
];

/** Names that exist, names that do not, and texts that mean something somewhere. */
const TEXTS = [
  ...['bucket', 'a/k', '/a', 'sorter', 'role', 'stack', '', 'x', 'none', '*', '?', '%', '\u0000', 'é', '{{x}}'],
  ...['arn:aws:iam::111122223333:role/role', 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:s3:::bucket', 'arn:'],
  ...['arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:1', 'amazon.nova-pro-v1:0', 'TEXT', 'CHAT', 'String'],
  ...[
    '{}',
    '{"Resources":{}}',
    '{"Version":"2012-10-17","Statement":[]}',
    '[]',
    'null',
    '2026-11-29T00:00:00Z',
    '1e400',
  ],
  ...[
    'Resources: {A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref B}}}',
    '__proto__',
    'constructor',
  ],
  'x'.repeat(3_000),
];

/** Requests that no SDK would send, drawn from a seed: right operations, wrong members, wrong types, broken bodies. */
export class RandomRequests {
  /** How many of the optional members are there, and how many values are of a wrong type. */
  private density = 0;
  private wrongness = 0;

  constructor(private state: number) {}

  /** One for each operation of each service that may be there. */
  *round(mayBe: (name: string, operation: string) => boolean): Generator<Drawn> {
    for (const speaker of SPEAKERS) {
      const { name } = speaker;
      for (const [operation, schema] of operationSchemas(speaker.client)) {
        if (mayBe(name, operation)) {
          yield { name, operation, ...this.request(speaker, operation, schema) };
        }
      }
    }
  }

  private request({ service, language, target }: Speaker, operation: string, schema: OperationSchema): RawRequest {
    const input = NormalizedSchema.of(schema[4] as never);
    this.density = this.pick([0.05, 0.2, 0.6]);
    this.wrongness = this.pick([0, 0, 0.08]);
    const value = input.isUnitSchema() ? {} : (this.value(input, 0) as Record<string, unknown>);
    if (language === 'rpc') {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${operation}` };
      return { service, headers, body: this.broken(JSON.stringify(value) ?? '') };
    }
    if (language === 'form') {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const fields = new URLSearchParams([['Action', operation], ...flat('', value)]);
      return { service, headers, body: this.chance(0.9) ? fields.toString() : this.broken(fields.toString()) };
    }
    const traits = schema[3];
    const [method, template] = (typeof traits === 'object' && traits.http) || ['POST', '/', 200];
    const [path = '/', fixed = ''] = template.split('?');
    const label = () => encodeURIComponent(this.pick(TEXTS.filter((text) => text !== '')));
    const filled = path.replace(/\{\w+\+?\}/g, () => (this.chance(0.95) ? label() : '%zz'));
    const query = Object.fromEntries(new URLSearchParams(fixed));
    const headers: Record<string, string> = {};
    for (const [, member] of input.isUnitSchema() ? [] : input.structIterator()) {
      const { httpQuery, httpHeader } = member.getMergedTraits();
      const text = this.pick(TEXTS);
      if (httpQuery && this.chance(0.3)) query[httpQuery] = text;
      if (httpHeader && /^[\x20-\x7e]{0,100}$/.test(text) && this.chance(0.2))
        headers[httpHeader.toLowerCase()] = text.trim();
    }
    delete headers['content-length'];
    delete headers.expect;
    const body = language === 's3' ? markup('Root', value) : JSON.stringify(value);
    const inBucket = language === 's3' && this.chance(0.97) ? `/bucket${filled}` : filled;
    return { service, method, path: inBucket, query, headers, body: method === 'GET' ? '' : this.broken(body) };
  }

  /** A value of the type, mostly. */
  private value(schema: NormalizedSchema, depth: number): unknown {
    if (depth > 0 && this.chance(this.wrongness)) {
      return this.pick([null, 5, -1, 1.5, true, 'x', [], {}, [null], { a: 1 }]);
    }
    if (schema.isStructSchema() && depth < 6) {
      const { 6: required = 0 } = schema.getSchema() as readonly unknown[] as { 6?: number };
      const members = [...schema.structIterator()].filter((_, i) => this.chance(i < required ? 0.97 : this.density));
      return Object.fromEntries(members.map(([name, member]) => [name, this.value(member, depth + 1)]));
    }
    if (schema.isListSchema()) {
      return Array.from({ length: Math.floor(this.next() * 3) }, () => this.value(schema.getValueSchema(), depth + 1));
    }
    if (schema.isMapSchema()) {
      return { [this.pick(TEXTS)]: this.value(schema.getValueSchema(), depth + 1) };
    }
    if (schema.isNumericSchema()) return this.pick([0, 1, 2, 10, -1, 1.5, 1e21]);
    if (schema.isBooleanSchema()) return this.chance(0.5);
    if (schema.isTimestampSchema()) return this.pick([0, 1_795_000_000, '2026-11-29T00:00:00Z', 'x']);
    if (schema.isBlobSchema()) return this.pick(['', 'eA==', '%%%', 'UEsDBAoAAAAA']);
    return this.pick(TEXTS);
  }

  private broken(text: string): string | Buffer {
    if (this.chance(0.9)) return text;
    const bytes = Buffer.from(text);
    const at = Math.floor(this.next() * bytes.length);
    return this.pick([
      () => '',
      () => text.slice(0, at),
      () => `${text.slice(0, at)}${this.pick(['"', '<', '}', ']', '&', ','])}${text.slice(at)}`,
      () => Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe]), bytes.subarray(at)]),
    ])();
  }

  private chance(probability: number): boolean {
    return this.next() < probability;
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** mulberry32: [0, 1). */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}

function flat(at: string, value: unknown): [string, string][] {
  const below = (name: string) => (at ? `${at}.${name}` : name);
  if (Array.isArray(value)) return value.flatMap((entry, index) => flat(below(`member.${index + 1}`), entry));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, entry]) => flat(below(name), entry));
  }
  return at ? [[at, String(value)]] : [];
}

function markup(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((entry) => markup(name, entry)).join('');
  const isBranch = typeof value === 'object' && value !== null;
  const inner = isBranch
    ? Object.entries(value)
        .map(([member, entry]) => markup(/^[A-Za-z]\w*$/.test(member) ? member : 'x', entry))
        .join('')
    : String(value).replaceAll(/[<&]/g, '');
  // The outermost members of an operation are elements of their own; one of them is the body.
  return name === 'Root' ? inner : `<${name}>${inner}</${name}>`;
}
