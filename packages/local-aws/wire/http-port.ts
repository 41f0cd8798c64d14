import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * One loopback port for HTTP/1.1 and HTTP/2 without TLS, told apart by the first bytes of a connection: most AWS
 * clients speak the first, but bedrock-runtime's starts with HTTP/2 even to an `http:` endpoint.
 */
export class HttpPort {
  private readonly sockets = new Set<Socket>();
  private readonly server;

  constructor(listener: Listener) {
    // Node hangs up on a connection that was idle for 5 s, also when the client's next request is on its way already.
    const http1 = createServer({ keepAliveTimeout: 0 }, listener);
    // Node's compatibility layer gives HTTP/2 streams the shape of HTTP/1.1 requests and responses.
    const http2 = createHttp2Server(listener as never);
    this.server = createSocketServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.once('readable', () => {
        const start: Buffer | null = socket.read();
        socket.unshift(start ?? Buffer.alloc(0));
        (start?.toString('latin1', 0, 3) === 'PRI' ? http2 : http1).emit('connection', socket);
      });
    });
  }

  /** Answers the base URL. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await closed;
  }
}
