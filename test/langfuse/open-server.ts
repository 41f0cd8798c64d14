import { afterAll, beforeAll } from 'vitest';
import { type LangfuseServer, serveLangfuse } from '../../bin/langfuse/http-server';
import { type KeyPair, openKeys } from '../../core/langfuse/open-keys';

export const KEYS: KeyPair = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test' };
export const OTHERS: KeyPair = { publicKey: 'pk-lf-other', secretKey: 'sk-lf-other' };

/** A server in memory for the tests of one file. */
export function openServer() {
  let server: LangfuseServer;
  beforeAll(async () => {
    server = await serveLangfuse(openKeys([KEYS, OTHERS]), 0);
  });
  afterAll(() => server.stop());
  return { url: () => `http://127.0.0.1:${server.port}`, call: (...given: Parameters<typeof call>) => call(...given) };

  async function call(
    method: string,
    path: string,
    body?: unknown,
    authorization: string | undefined = basic(KEYS),
    // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the server answered, for matchers
  ): Promise<{ status: number; body: any; headers: Headers }> {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/public${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  }
}

export function basic({ publicKey, secretKey }: KeyPair): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
}
