import { request as http } from 'node:http';
import { request as https } from 'node:https';

/** One PUT to the presigned URL. Resolves with the status code; rejects when the connection fails or takes too long. */
export function putResponse(url: string, body: string, timeoutMilliseconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const send = target.protocol === 'http:' ? http : https;
    const outgoing = send(
      target,
      {
        method: 'PUT',
        // The URL is signed without a content type: any other value than an empty one breaks the signature.
        headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) },
        timeout: timeoutMilliseconds,
      },
      (incoming) => {
        incoming.on('error', reject);
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
        incoming.resume();
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
