import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerLangfuse, type LangfuseRequest } from '../../core/langfuse/answer';
import type { Keys } from '../../core/langfuse/ports';

/** As Langfuse itself takes at most. */
const MAX_BODY = 4_500_000;

/**
 * As in Langfuse's own image (`server.js --keepAliveTimeout 110000`). Node's 5 seconds are also what httpx, of the
 * Python client, keeps an idle connection for: a request may then meet one that is being closed, and fails.
 * https://www.python-httpx.org/advanced/resource-limits
 */
const KEEP_ALIVE_MS = 110_000;

export interface LangfuseServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Langfuse's API on this machine, and for nobody else. @param port 0 for any that is free */
export async function serveLangfuse(keys: Keys, port: number): Promise<LangfuseServer> {
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    void respond(request, response, keys).catch((error: unknown) => {
      console.error(error);
      const body = JSON.stringify({ message: 'Internal Server Error', error: 'InternalServerError' });
      response.writeHead(500, { 'content-type': 'application/json' }).end(body);
    });
  const server = () => createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, answer);
  const first = await listen(server(), '127.0.0.1', port);
  const found = (first.address() as AddressInfo).port;
  // Some clients take `localhost` for ::1 alone, and some machines have none.
  const second = await listen(server(), '::1', found).catch(() => undefined);
  return {
    port: found,
    stop: async () => {
      await Promise.all([first, second].map((server) => server && close(server)));
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, keys: Keys): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    const message = `Body exceeded ${MAX_BODY} bytes`;
    const json = JSON.stringify({ message, error: 'PayloadTooLargeError' });
    response.writeHead(413, { 'content-type': 'application/json', connection: 'close' }).end(json);
    return;
  }
  const answered = await answerLangfuse(requestOf(request, body), keys);
  response.writeHead(answered.status, { ...answered.headers });
  response.end(answered.body);
}

function requestOf({ method = 'GET', url = '/', headers }: IncomingMessage, body: string): LangfuseRequest {
  const at = url.indexOf('?');
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(at < 0 ? '' : url.slice(at)))
    query.set(name, [...(query.get(name) ?? []), value]);
  return {
    method,
    path: at < 0 ? url : url.slice(0, at),
    query,
    headers: headers as Record<string, string | undefined>,
    body,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
