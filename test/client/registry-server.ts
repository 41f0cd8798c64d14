import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Behaviour = 'up' | 'hang' | '500' | '429' | 'garbage' | 'slow body' | '403';

export interface Request {
  readonly operation: 'GetParameter' | 'GetParameters' | 'GetPrompt';
  /** The first, where several are asked for. */
  readonly name: string;
  readonly names?: readonly string[];
  readonly includedData?: string;
}

export const versionArn = (version: number, id = 'ABCDEFGHIJ') =>
  `arn:aws:bedrock:us-east-1:111122223333:prompt/${id}:${version}`;

/**
 * SSM's GetParameter and GetParameters and Bedrock's GetPrompt over HTTP, as their JSON protocols have it, with faults on demand.
 *
 * `waiting` counts requests that it keeps waiting on purpose: while others are under way, time must not be moved.
 */
export class RegistryServer {
  readonly parameters = new Map<string, string>();
  /** By `ID:N`. */
  readonly versions = new Map<string, { description?: string; variants: unknown[] }>();
  /** Codes with which GetPrompt refuses, by `ID:N`. */
  readonly refusals = new Map<string, string>();
  readonly requests: Request[] = [];
  behaviour: Behaviour = 'up';
  /** What the caller's policy lets them read; of other parameters not even one in a list. */
  readable: (name: string) => boolean = () => true;
  private readonly held = new Map<ServerResponse, Request>();
  private readonly server = createServer((request, response) => void this.answer(request, response));
  endpoint = '';

  get waiting(): number {
    return this.held.size;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.endpoint = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Answers what was kept waiting, as things stand now. */
  release(): void {
    for (const [response, request] of this.held) {
      this.held.delete(response);
      this.serve(request, response);
    }
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const request = readRequest(incoming, body);
    this.requests.push(request);
    response.on('close', () => this.held.delete(response));
    switch (this.behaviour) {
      case 'hang':
        this.held.set(response, request);
        return;
      case 'slow body':
        this.held.set(response, request);
        response.writeHead(200, { 'content-length': '1000' }).write('{"Para');
        return;
      case '500':
        return send(response, 500, { __type: 'InternalServerError', message: 'internal' });
      case '429':
        return send(
          response,
          429,
          { __type: 'ThrottlingException', message: 'Rate exceeded' },
          { 'retry-after': '3600' },
        );
      case '403':
        return send(response, 400, { __type: 'AccessDeniedException', message: 'not authorized' });
      case 'garbage':
        response.writeHead(200).end('<html>hello</html>');
        return;
      case 'up':
        this.serve(request, response);
    }
  }

  private serve({ operation, name, names }: Request, response: ServerResponse): void {
    if (operation === 'GetPrompt') this.servePrompt(name, response);
    else if (!(names ?? [name]).every(this.readable))
      send(response, 400, { __type: 'AccessDeniedException', message: 'not authorized' });
    else if (names) this.serveParameters(names, response);
    else this.serveParameter(name, response);
  }

  private serveParameters(names: readonly string[], response: ServerResponse): void {
    const found = names.filter((name) => this.parameters.has(name));
    // In SSM's own order, which is not that of the question.
    const Parameters = found.reverse().map((Name) => ({ Name, Type: 'String', Value: this.parameters.get(Name) }));
    send(response, 200, { Parameters, InvalidParameters: names.filter((name) => !this.parameters.has(name)) });
  }

  private serveParameter(name: string, response: ServerResponse): void {
    const Value = this.parameters.get(name);
    if (Value === undefined) send(response, 400, { __type: 'ParameterNotFound', message: '' });
    else send(response, 200, { Parameter: { Name: name, Type: 'String', Value } });
  }

  private servePrompt(name: string, response: ServerResponse): void {
    const version = this.versions.get(name);
    const refusal = this.refusals.get(name) ?? (version ? undefined : 'ResourceNotFoundException');
    if (refusal) {
      const status = refusal === 'AccessDeniedException' ? 403 : 404;
      send(response, status, { message: refusal }, { 'x-amzn-errortype': refusal });
      return;
    }
    const [id, number] = name.split(':');
    const fixed = { arn: 'a', createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', name: 'p' };
    send(response, 200, { ...fixed, id, version: number, ...version });
  }
}

function readRequest(incoming: IncomingMessage, body: string): Request {
  if (incoming.headers['x-amz-target'] === 'AmazonSSM.GetParameters') {
    const names: string[] = JSON.parse(body).Names;
    return { operation: 'GetParameters', name: names[0] ?? '', names };
  }
  if (incoming.headers['x-amz-target']) return { operation: 'GetParameter', name: JSON.parse(body).Name };
  const url = new URL(incoming.url ?? '', 'http://localhost');
  const id = decodeURIComponent(url.pathname.split('/')[2] ?? '');
  const includedData = url.searchParams.get('includedData') ?? undefined;
  return { operation: 'GetPrompt', name: `${id}:${url.searchParams.get('promptVersion')}`, includedData };
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
