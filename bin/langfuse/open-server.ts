import { anyKeys, type KeyPair, openKeys } from '../../core/langfuse/open-keys';
import type { Screen } from '../demo/screen';
import { serveLangfuse } from './http-server';

/** The pair that a self-hosted Langfuse is seeded with, so that its clients' tests run as they are. */
const SEEDED: KeyPair = { publicKey: 'pk-lf-1234567890', secretKey: 'sk-lf-1234567890' };

export interface OpenServerOptions {
  readonly port?: string;
  readonly 'public-key'?: readonly string[];
  readonly 'secret-key'?: readonly string[];
}

/** Serves prompts in memory until Ctrl-C. */
export async function runOpenServer(options: OpenServerOptions, screen: Screen): Promise<number> {
  const given = keyPairs(options['public-key'], options['secret-key']);
  const port = Number(options.port ?? 3000);
  if (!given || !Number.isInteger(port) || port < 0 || port > 65_535) {
    screen.line('expected --port 0 to 65535, and as many --public-key as --secret-key, no two of them alike');
    return 64;
  }
  const isForAny = given.length === 0;
  const pairs = isForAny ? [SEEDED] : given;
  const keys = isForAny ? anyKeys(pairs) : openKeys(pairs);
  const server = await serveLangfuse(keys, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    screen.line(`port ${port} is taken: stop what listens there, or take another with --port`);
  });
  if (!server) return 1;
  const address = `http://localhost:${server.port}`;
  screen.line(`Langfuse's prompt API, in memory, open to anybody with a pair of keys: ${address}\n`);
  screen.line(`export LANGFUSE_BASE_URL=${address} LANGFUSE_HOST=${address}`);
  for (const { publicKey, secretKey } of pairs)
    screen.line(`export LANGFUSE_PUBLIC_KEY=${publicKey} LANGFUSE_SECRET_KEY=${secretKey}`);
  if (isForAny) screen.line('# or any other pk-lf-… with an sk-lf-…: each pair is a project of its own');
  screen.line('\nTraces are taken and thrown away. Ctrl-C ends it, and nothing is kept.');
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.stop();
  return 0;
}

function keyPairs(publicKeys: readonly string[] = [], secretKeys: readonly string[] = []): KeyPair[] | undefined {
  if (publicKeys.length !== secretKeys.length || new Set(publicKeys).size < publicKeys.length) return undefined;
  return publicKeys.map((publicKey, index) => ({ publicKey, secretKey: secretKeys[index] ?? '' }));
}
