import { NormalizedSchema } from '@smithy/core/schema';
import { type AwsError, notImplemented } from '../aws-error';
import { checkShape, missingMembers } from './check-shape';
import { eventFrames, eventStreamMember } from './event-stream';
import type { WireRequest, WireResponse } from './message';
import { Mirror } from './mirror';
import type { OperationSchema } from './operation-schema';
import { readJson } from './read-json';
import type { Refusals } from './refusals';
import type { Match, WireProtocol } from './wire-protocol';

type ErrorWriter = (error: AwsError, requestId: string) => WireResponse;

/** AWS's REST protocols: the operation stands in method, path and query; the rest in headers and body. */
export class RestProtocol implements WireProtocol {
  private readonly mirror: Mirror;

  constructor(
    protocol: ConstructorParameters<typeof Mirror>[0],
    readonly writeError: ErrorWriter,
    readonly refusals: Refusals,
  ) {
    this.mirror = new Mirror(protocol);
  }

  match(operations: Map<string, OperationSchema>, request: WireRequest): Match | undefined {
    let best: (Match & { weight: number }) | undefined;
    for (const schema of operations.values()) {
      const [method, template] = httpTrait(schema);
      if (method !== request.method) {
        continue;
      }
      const [path = '', fixedQuery = ''] = template.split('?');
      const labels = matchPath(path, request.path);
      // Only the JavaScript SDK names the operation; to S3 `x-id` says nothing.
      const fixed = [...new URLSearchParams(fixedQuery)].filter(([name]) => name !== 'x-id');
      if (!labels || !fixed.every(([name, value]) => request.query.get(name) === value)) {
        continue;
      }
      // The most specific wins: fixed query parts, then fixed path segments, then required query and header members.
      const weight =
        fixed.length * 100 + path.split('/').filter((segment) => segment && !segment.startsWith('{')).length * 10;
      const required = requiredBindings(schema, request);
      if (required !== undefined && (!best || weight + required > best.weight)) {
        best = { schema, labels, weight: weight + required };
      }
    }
    return best;
  }

  unmatched(service: string, { method, path }: WireRequest): AwsError {
    return notImplemented(`${service}: ${method} ${path}`);
  }

  async read({ schema, labels }: Match, request: WireRequest) {
    const input = NormalizedSchema.of(schema[4] as never);
    const value: Record<string, unknown> = {};
    let plainPayload: string | undefined;
    for (const [name, member] of input.structIterator()) {
      const traits = member.getMergedTraits();
      if (labels[name] !== undefined) {
        value[name] = labels[name];
      } else if (traits.httpQuery && request.query.has(traits.httpQuery)) {
        value[name] = this.readQueryMember(member, traits.httpQuery, request.query.getAll(traits.httpQuery));
      } else if (traits.httpPayload && !member.isStructSchema()) {
        plainPayload = name;
        value[name] = member.isBlobSchema() ? request.body : Buffer.from(request.body).toString();
      }
    }
    const body = plainPayload ? 'stream' : request.body;
    const read = { ...(await this.readBody(schema, input, request.headers, body)), ...value };
    const missing = missingMembers(schema[4], read);
    if (missing.length > 0 && this.refusals.missing) {
      throw this.refusals.missing(missing);
    }
    return read;
  }

  /** Throws where the body is not what the operation takes. */
  protected checkBody(input: NormalizedSchema, body: Uint8Array): void {
    const json = readJson(body);
    const payload = [...input.structIterator()].find(([, member]) => member.getMergedTraits().httpPayload)?.[1];
    checkShape(payload ?? input, json);
  }

  private async readBody(
    schema: OperationSchema,
    input: NormalizedSchema,
    headers: Record<string, string>,
    body: Uint8Array | 'stream',
  ) {
    const hasBody = body !== 'stream' && body.length > 0;
    try {
      if (hasBody && !input.isUnitSchema()) {
        this.checkBody(input, body);
      }
      const read = await this.mirror.readInput(schema, headers, body);
      if (!input.isUnitSchema()) {
        checkShape(input, read);
      }
      return read;
    } catch (error) {
      throw this.refusals.malformed((error as Error).message, hasBody ? 'body' : 'header');
    }
  }

  private readQueryMember(member: NormalizedSchema, name: string, values: string[]): unknown {
    if (member.isListSchema()) {
      return values;
    }
    const [text = ''] = values;
    if (!member.isNumericSchema()) {
      return member.isBooleanSchema() ? text === 'true' : text;
    }
    if (!/^-?\d{1,10}$/.test(text)) {
      throw this.refusals.malformed(`Provided ${name} not an integer or within integer range`, 'header');
    }
    return Number(text);
  }

  async write(schema: OperationSchema, output: object, requestId: string): Promise<WireResponse> {
    const stream = eventStreamMember(schema);
    if (stream !== undefined) return eventAnswer(output as Record<string, object[]>, stream, requestId);
    const { headers, body } = await this.mirror.writeOutput(schema, output);
    const status = statusMember(schema, output) ?? httpTrait(schema)[2];
    return { status, headers: { ...headers, 'x-amzn-requestid': requestId, 'x-amz-request-id': requestId }, body };
  }
}

function eventAnswer(output: Readonly<Record<string, object[]>>, stream: string, requestId: string): WireResponse {
  const headers = { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId };
  return { status: 200, headers, body: eventFrames(output[stream] ?? []) };
}

function httpTrait(schema: OperationSchema): [string, string, number] {
  const traits = schema[3];
  return (typeof traits === 'object' && traits.http) || ['', '', 200];
}

/** The status that an output carries itself: Lambda's Invoke answers 200, 202 or 204. */
function statusMember(schema: OperationSchema, output: object): number | undefined {
  const ns = NormalizedSchema.of(schema[5] as never);
  const members = ns.isStructSchema() ? [...ns.structIterator()] : [];
  const name = members.find(([, member]) => member.getMergedTraits().httpResponseCode)?.[0];
  return name === undefined ? undefined : (output as Record<string, number | undefined>)[name];
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = [];
  const pattern = template.replace(/\{(\w+)(\+?)\}|[.*+?^$()[\]\\|]/g, (all, name: string | undefined, greedy) => {
    if (!name) {
      return `\\${all}`;
    }
    names.push(name);
    return greedy ? '(.+)' : '([^/]+)';
  });
  const found = new RegExp(`^${pattern.replace(/\/$/, '')}/?$`).exec(path);
  return found ? Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')])) : undefined;
}

/** How many members of query and header that tell operations apart are there; undefined when a required one is missing. */
function requiredBindings(schema: OperationSchema, request: WireRequest): number | undefined {
  const input = NormalizedSchema.of(schema[4] as never);
  // A structure's schema ends with the number of its required members, which come first.
  const { 6: required = 0 } = input.getSchema() as readonly unknown[] as { 6?: number };
  let found = 0;
  for (const [index, [, member]] of [...input.structIterator()].entries()) {
    const { httpHeader, httpQuery } = member.getMergedTraits();
    const isSent = httpQuery
      ? request.query.has(httpQuery)
      : request.headers[httpHeader?.toLowerCase() ?? ''] !== undefined;
    if (index < required && (httpQuery || httpHeader) && !isSent) {
      return undefined;
    }
    found += isSent && (httpQuery || httpHeader?.startsWith('x-amz-copy-source')) ? 1 : 0;
  }
  return found;
}
