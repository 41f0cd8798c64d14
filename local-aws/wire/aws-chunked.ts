/**
 * Takes apart a body in AWS's chunked encoding (`<hex size>[;chunk-signature=…]\r\n<bytes>\r\n` … `0\r\n` trailers),
 * which SDKs use for streamed uploads.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function decodeChunked(headers: Record<string, string>, body: Buffer): Uint8Array {
  if (!headers['x-amz-content-sha256']?.startsWith('STREAMING-')) {
    return body;
  }
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString('latin1'), 16);
    if (end < 0 || !(size > 0)) {
      return Buffer.concat(parts);
    }
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
