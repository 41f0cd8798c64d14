import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { LocalAws } from '../../packages/local-aws';
import type { Person } from './reviewers';

/** Writes an object by a URL that somebody signed. Throws with S3's code as its name. */
export async function presignedPut(
  { endpoint, region }: Pick<LocalAws, 'endpoint' | 'region'>,
  bucket: string,
  credentials: Person['credentials'],
  key: string,
): Promise<void> {
  const { hostname, port, host } = new URL(endpoint);
  const signer = new SignatureV4({
    ...{ service: 's3', region, credentials, uriEscapePath: false },
    sha256: Hash.bind(null, 'sha256') as never,
  });
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'if-none-match': '*' };
  const request = { method: 'PUT', protocol: 'http:', hostname, port: Number(port), path, query: {}, headers };
  const signed = await signer.presign(request, {
    ...{ expiresIn: 60, unhoistableHeaders: new Set(), hoistableHeaders: new Set<string>() },
  });
  const query = new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll('+', '%20');
  const answer = await fetch(`${endpoint}${path}?${query}`, {
    ...{ method: 'PUT', body: '{}', headers: { 'if-none-match': '*', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
  });
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(text), { name: /<Code>(\w+)/.exec(text)?.[1] ?? text });
}
