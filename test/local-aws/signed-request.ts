import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { LocalAws } from '../../packages/local-aws';

export interface RawRequest {
  /** Name in the signature's scope. */
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
  /** The error's code, whichever way the protocol says it. */
  readonly code: string | undefined;
}

/** Sends a request that no SDK would, signed as it is. */
export async function sendSigned(aws: LocalAws, raw: RawRequest): Promise<RawAnswer> {
  const { service, method = 'POST', path = '/', query = {}, body = '' } = raw;
  const { hostname, port, host } = new URL(aws.endpoint);
  const signer = new SignatureV4({
    ...{ service, region: aws.region, credentials: aws.operator, uriEscapePath: service !== 's3' },
    sha256: Hash.bind(null, 'sha256') as never,
  });
  const hash = createHash('sha256').update(body).digest('hex');
  const headers = { host, ...(service === 's3' && { 'x-amz-content-sha256': hash }), ...raw.headers };
  const signed = await signer.sign({ method, protocol: 'http:', hostname, path, query, headers, body });
  const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        ...{ hostname, port, method, path: search ? `${path}?${search}` : path },
        headers: { ...signed.headers, 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const status = answer.statusCode ?? 0;
          resolve({ status, headers: answer.headers, body: text, code: codeOf(text, answer.headers) });
        });
      },
    );
    // Waits for 100-continue where the headers ask for it.
    sent.once('error', reject).end(body);
  });
}

function codeOf(text: string, headers: RawAnswer['headers']): string | undefined {
  const inHeader = headers['x-amzn-errortype'];
  return typeof inHeader === 'string' ? inHeader : /<Code>(\w+)<|"__type":"(\w+)"/.exec(text)?.slice(1).find(Boolean);
}
