import { connect, createServer, type Server, type Socket } from 'node:net';

/** A port that leads to another until it is cut. */
export async function openCable(port: number): Promise<{ endpoint: string; cut(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`, cut };
}
