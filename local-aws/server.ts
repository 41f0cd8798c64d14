import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorizer } from './authorizer';
import { AwsError, notImplemented } from './aws-error';
import type { Authorization, CallRecord, EndedCall, RecordedAction } from './call';
import type { CredentialStore } from './credential-store';
import type { Operation, Service } from './service';
import { decodeChunked } from './wire/aws-chunked';
import { HttpPort } from './wire/http-port';
import type { WireRequest, WireResponse } from './wire/message';
import { operationSchemas } from './wire/operation-schema';
import type { Match } from './wire/wire-protocol';

/** A path that is not an AWS operation (CloudFormation's response URLs): answers true when it took the request. */
export type SideDoor = (request: WireRequest) => Promise<WireResponse | undefined>;

/** Something to do to a call before it is served: throw an AwsError, wait, or nothing. Faults come in here. */
export type Interceptor = (call: {
  service: string;
  operation: string;
  principalArn: string;
  input: Record<string, unknown>;
}) => Promise<void> | void;

export interface ServerOptions {
  readonly account: string;
  /** The only Region that is served; none given: any. */
  readonly region?: string;
  readonly authorizer: Authorizer;
  readonly credentials: CredentialStore;
  readonly services: readonly Service[];
  readonly sideDoors?: readonly SideDoor[];
  readonly interceptors?: Interceptor[];
  readonly calls: CallRecord[];
  /** Told of each call of a known principal once it has ended, and of what is recorded beside it. */
  readonly ended?: (call: EndedCall) => void;
  readonly now: () => Date;
}

/** Signed for us-east-1 wherever the client is. */
const globalServices = ['iam', 'sts'];

/** Reads, authorizes, runs and answers requests for all services on one loopback port. */
export class AwsServer {
  private readonly port: HttpPort;
  private readonly doors;
  endpoint = '';

  constructor(private readonly options: ServerOptions) {
    this.doors = options.services.map((service) => ({ service, schemas: operationSchemas(service.client) }));
    this.port = new HttpPort((incoming, outgoing) => void this.answer(incoming, outgoing));
  }

  async listen(port = 0): Promise<string> {
    this.endpoint = await this.port.listen(port);
    return this.endpoint;
  }

  async close(): Promise<void> {
    await this.port.close();
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const response = await this.respond(request);
    const isHead = request.method === 'HEAD';
    const length = String(Buffer.byteLength(response.body));
    // Clients tell by it how far their clocks are off.
    const date = this.options.now().toUTCString();
    const headers = {
      ...{ date, 'content-length': length, ...response.headers },
      ...(!isHead && { 'content-length': length }),
    };
    outgoing.writeHead(response.status, headers).end(isHead ? '' : response.body);
  }

  private async respond(request: WireRequest): Promise<WireResponse> {
    for (const door of this.options.sideDoors ?? []) {
      const taken = await door(request);
      if (taken) {
        return taken;
      }
    }
    const requestId = randomUUID();
    const scope = credentialScope(request);
    const candidates = this.doors.filter(({ service }) => service.signingName === scope?.service);
    let service = candidates[0]?.service;
    if (!scope || !service) {
      const what = scope ? `a service that signs as '${scope.service}'` : `unsigned ${request.method} ${request.path}`;
      return { status: 501, headers: {}, body: notImplemented(what).message };
    }
    try {
      for (const door of candidates) {
        const match = door.service.protocol.match(door.schemas, request);
        if (match) {
          service = door.service;
          return await this.serve(door.service, match, request, scope, requestId);
        }
      }
      throw notImplemented(`${service.name}: ${request.method} ${request.path}`);
    } catch (error) {
      const known = error instanceof AwsError ? error : internalFailure(error);
      return service.protocol.writeError(known, requestId);
    }
  }

  private async serve(service: Service, match: Match, request: WireRequest, scope: Scope, requestId: string) {
    const { account, region, authorizer, credentials, calls, now } = this.options;
    const name = match.schema[2];
    const principal = credentials.find(scope.accessKeyId);
    const record = {
      requestId,
      time: now(),
      service: service.name,
      operation: name,
      region: scope.region,
      principalArn: principal?.arn ?? scope.accessKeyId,
      input: {} as Record<string, unknown>,
      status: 200,
      errorCode: undefined as string | undefined,
      errorMessage: undefined as string | undefined,
    };
    calls.push(record);
    const accessKeyId = principal?.shownAccessKeyId ?? scope.accessKeyId;
    const userAgent = request.headers['user-agent'];
    const beside: RecordedAction[] = [];
    let output: object | undefined;
    try {
      if (!principal) {
        throw new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.');
      }
      if (region && scope.region !== region && !globalServices.includes(service.name)) {
        throw notImplemented(`${service.name} in ${scope.region}: this endpoint is ${region}`);
      }
      const implemented: Operation | undefined = service.operations[name];
      if (!implemented) {
        throw notImplemented(`${service.name} ${name}`);
      }
      record.input = await service.protocol.read(match, request);
      for (const intercept of this.options.interceptors ?? []) {
        await intercept(record);
      }
      const require = (authorization: Authorization) => authorizer.require(principal, scope.region, authorization);
      const call = {
        ...{ requestId, service: service.name, operation: name, account, region: scope.region, principal, accessKeyId },
        ...{ time: record.time, endpoint: this.endpoint, headers: request.headers, require },
        alsoRecord: (action: RecordedAction) => void beside.push(action),
      };
      for (const authorization of implemented.authorize(record.input as never, call)) {
        await require(authorization);
      }
      output = await implemented.run(record.input as never, call);
      return await service.protocol.write(match.schema, output, requestId);
    } catch (error) {
      const known = error instanceof AwsError ? error : internalFailure(error);
      record.status = known.status;
      record.errorCode = known.code;
      record.errorMessage = known.message;
      throw known;
    } finally {
      // What this endpoint lacks is nothing that AWS would have recorded.
      if (principal && record.status !== 501) {
        for (const action of [{ ...record, output }, ...beside]) {
          const { time, region } = record;
          this.options.ended?.({ ...action, requestId, time, region, principal, accessKeyId, userAgent });
        }
      }
    }
  }
}

interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** `Credential=AKID/20261122/us-east-1/ssm/aws4_request`, in the header or a presigned query. Signatures are not checked. */
function credentialScope(request: WireRequest): Scope | undefined {
  const text = request.headers.authorization ?? `Credential=${request.query.get('X-Amz-Credential') ?? ''}`;
  const [, accessKeyId, region, service] = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(text) ?? [];
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  }
  const body = decodeChunked(headers, Buffer.concat(chunks));
  return { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body };
}

/** A fault of this endpoint, not of the caller: shown with its stack, so that it gets mended. */
function internalFailure(error: unknown): AwsError {
  console.error('local-aws failed:', error);
  return new AwsError(
    'InternalFailure',
    500,
    error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  );
}
