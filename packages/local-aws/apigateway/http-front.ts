import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FrontRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface FrontAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

/** As API Gateway takes at most: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY = 10 * 1024 * 1024;

/** The address of one API: a loopback port of its own, which stands for `ID.execute-api.REGION.amazonaws.com`. */
export class HttpFront {
  private readonly server: Server;
  address = '';

  constructor(private readonly answer: (request: FrontRequest) => Promise<FrontAnswer>) {
    this.server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => void this.serve(incoming, outgoing));
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    this.address = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let request: FrontRequest;
    try {
      request = await readRequest(incoming);
    } catch {
      // The client hung up: there is nobody to answer.
      outgoing.destroy();
      return;
    }
    try {
      const answered = await (request.body.length > MAX_BODY
        ? { status: 413, headers: {}, body: '{"message":"Request Entity Too Large"}' }
        : this.answer(request));
      outgoing.writeHead(answered.status, answered.headers).end(answered.body);
    } catch (error) {
      // Such as a status or a header of the function's that HTTP does not have.
      console.error('local-aws could not answer:', error);
      outgoing.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"Internal Server Error"}');
    }
  }
}

async function readRequest(incoming: IncomingMessage): Promise<FrontRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : `${value}`,
    ]),
  );
  return { method: incoming.method ?? 'GET', path, query, headers, body: Buffer.concat(chunks) };
}
