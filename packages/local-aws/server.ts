import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, notImplemented } from './aws-error';
import type { Authorization, CallRecord, EndedCall, RecordedAction } from './call';
import type { Authorizer } from './iam/authorizer';
import type { Principal } from './iam/principal';
import { Pages } from './pages';
import type { Operation, Service } from './service';
import type { CredentialStore } from './sts/credential-store';
import { decodeChunked } from './wire/aws-chunked';
import { HttpPort } from './wire/http-port';
import { isDecodable } from './wire/is-decodable';
import type { WireRequest, WireResponse } from './wire/message';
import { operationSchemas } from './wire/operation-schema';
import { checkSignature, type Signed, signedPart } from './wire/signature';
import type { Match } from './wire/wire-protocol';

/** A path that is not an AWS operation (CloudFormation's response URLs): answers true when it took the request. */
export type SideDoor = (request: WireRequest) => Promise<WireResponse | undefined>;

/**
 * Something to do to a call before it is served: throw an AwsError, wait, or nothing. Faults come in here. A function that
 * it answers is called with what came of the call once that has succeeded, before it is answered: it may change that, and an
 * AwsError that it throws is answered instead.
 */
export type Interceptor = (call: {
  service: string;
  operation: string;
  principalArn: string;
  input: Record<string, unknown>;
}) => unknown;

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
  /** @default as large as AWS's */
  readonly pages?: Pages;
  /** Receives each call of a known principal once it has ended, and what is recorded in addition to it. */
  readonly ended?: (call: EndedCall) => void;
  readonly now: () => Date;
  /** How far the clock of a client may be from `now`. @default 5 minutes, S3's 15 */
  readonly clockSkewMs?: () => number | undefined;
}

/** Signed for us-east-1 wherever the client is. */
const globalServices = ['iam', 'sts'];

/** Reads, authorizes, runs and answers requests for all services on one loopback port. */
export class AwsServer {
  private readonly port: HttpPort;
  private readonly doors;
  private readonly pages;
  endpoint = '';

  constructor(private readonly options: ServerOptions) {
    this.doors = options.services.map((service) => ({ service, schemas: operationSchemas(service.client) }));
    this.pages = options.pages ?? new Pages();
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
    let response: WireResponse;
    let request: WireRequest;
    try {
      request = await readRequest(incoming);
    } catch {
      // The client hung up: there is nobody to answer.
      outgoing.destroy();
      return;
    }
    try {
      response = await this.respond(request);
    } catch (error) {
      const { code, message } = internalFailure(error);
      response = { status: 500, headers: {}, body: `${code}: ${message}` };
    }
    const isHead = request.method === 'HEAD';
    const length = String(Buffer.byteLength(response.body));
    // Clients tell by it how far their clocks are off. Node puts the machine's own over it in HTTP/2.
    outgoing.sendDate = false;
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
    const scope = signedPart(request);
    if (!isDecodable(request.path)) {
      const { protocol } =
        this.doors.find(({ service }) => service.signingName === (scope?.service ?? 's3'))?.service ?? this.fallback;
      return protocol.writeError(protocol.refusals.uri(), requestId);
    }
    const candidates = this.doors.filter(({ service }) => service.signingName === scope?.service);
    let service = candidates[0]?.service;
    if (!scope) {
      const { protocol } = this.addressee(request);
      return protocol.writeError(protocol.refusals.unsigned(), requestId);
    }
    if (!service) {
      const lacking = notImplemented(`a service that signs as '${scope.service}'`);
      return this.addressee(request).protocol.writeError(lacking, requestId);
    }
    try {
      for (const door of candidates) {
        const match = door.service.protocol.match(door.schemas, request);
        if (match) {
          service = door.service;
          return await this.serve(door.service, match, request, scope, requestId);
        }
      }
      throw service.protocol.unmatched(service.name, request);
    } catch (error) {
      const known = error instanceof AwsError ? error : internalFailure(error);
      return service.protocol.writeError(known, requestId);
    }
  }

  /** Whose language an unsigned request speaks: what S3 takes for a bucket and a key may be anything. */
  private addressee(request: WireRequest): Service {
    const speakers = this.doors.filter(({ service, schemas }) => service.protocol.match(schemas, request));
    const found = speakers.find(({ service }) => service.name !== 's3') ?? speakers[0];
    return found?.service ?? this.fallback;
  }

  /** Whose language is spoken to a request that is nobody's. */
  private get fallback(): Service {
    return (this.doors.find(({ service }) => service.name === 's3') ?? (this.doors[0] as { service: Service })).service;
  }

  /** Whose the request is; throws as AWS refuses one that is not signed as it should be. */
  private async verify(
    signer: ReturnType<CredentialStore['find']>,
    service: Service,
    request: WireRequest,
    scope: Signed,
  ) {
    const { region, now, clockSkewMs } = this.options;
    const { refusals } = service.protocol;
    if (!signer) {
      throw refusals.unknownKey();
    }
    if (region && scope.region !== region && !globalServices.includes(service.name)) {
      throw refusals.region(scope.region, region);
    }
    await checkSignature(request, scope, signer.credentials, refusals, now(), clockSkewMs?.());
    return signer.principal;
  }

  private async serve(service: Service, match: Match, request: WireRequest, scope: Signed, requestId: string) {
    const { account, authorizer, credentials, calls, now, interceptors = [] } = this.options;
    const name = match.schema[2];
    const signer = credentials.find(scope.accessKeyId);
    let verified: Principal | undefined;
    const record = {
      requestId,
      time: now(),
      service: service.name,
      operation: name,
      region: scope.region,
      principalArn: signer?.principal.arn ?? scope.accessKeyId,
      input: {} as Record<string, unknown>,
      status: 200,
      errorCode: undefined as string | undefined,
      errorMessage: undefined as string | undefined,
    };
    calls.push(record);
    const accessKeyId = signer?.principal.shownAccessKeyId ?? scope.accessKeyId;
    const userAgent = request.headers['user-agent'];
    const beside: RecordedAction[] = [];
    let output: object | undefined;
    try {
      const principal = await this.verify(signer, service, request, scope);
      verified = principal;
      const implemented: Operation | undefined = service.operations[name];
      if (!implemented) {
        throw notImplemented(`${service.name} ${name}`);
      }
      record.input = await service.protocol.read(match, request);
      const afterwards = await intercepted(record, interceptors);
      const authType = scope.isPresigned ? 'REST-QUERY-STRING' : 'REST-HEADER';
      const sent: Record<string, string> = service.name === 's3' ? { 's3:authType': authType } : {};
      const require = (authorization: Authorization) =>
        authorizer.require(principal, scope.region, authorization, sent);
      const call = {
        ...{ requestId, service: service.name, operation: name, account, region: scope.region, principal, accessKeyId },
        ...{ time: record.time, endpoint: this.endpoint, headers: request.headers, require },
        alsoRecord: (action: RecordedAction) => void beside.push(action),
      };
      const { question, cut } = this.pages.of(service.name, name, record.input);
      for (const authorization of implemented.authorize(record.input as never, call)) {
        await require(authorization);
      }
      output = cut(await implemented.run(question as never, call));
      await afterwards(output);
      return await service.protocol.write(match.schema, output, requestId);
    } catch (error) {
      const known = error instanceof AwsError ? error : internalFailure(error);
      record.status = known.status;
      record.errorCode = known.code;
      record.errorMessage = known.message;
      throw known;
    } finally {
      // Neither what this endpoint lacks nor what nobody can have asked for would AWS have recorded.
      if (verified && record.status !== 501) {
        for (const action of [{ ...record, output }, ...beside]) {
          const { time, region } = record;
          this.options.ended?.({ ...action, requestId, time, region, principal: verified, accessKeyId, userAgent });
        }
      }
    }
  }
}

/** Asks all of them; what is answered does what they want done afterwards. */
async function intercepted(call: Parameters<Interceptor>[0], interceptors: readonly Interceptor[]) {
  const all: ((output: object) => unknown)[] = [];
  for (const intercept of interceptors) {
    const after = await intercept(call);
    if (typeof after === 'function') all.push((output) => after(output));
  }
  return async (output: object) => {
    for (const after of all) await after(output);
  };
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  }
  const sent = Buffer.concat(chunks);
  const body = decodeChunked(headers, sent);
  return { method: incoming.method ?? 'GET', path, query: new URLSearchParams(query), headers, body, sent };
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
