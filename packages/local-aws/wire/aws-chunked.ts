interface Chunk {
  readonly bytes: Uint8Array;
  readonly signature: string;
}

/**
 * The chunks of a body in AWS's chunked encoding (`<hex size>[;chunk-signature=…]\r\n<bytes>\r\n` … `0…\r\n` trailers),
 * which SDKs use for streamed uploads; the last one, which is empty, too.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function* chunksOf(sent: Uint8Array): Generator<Chunk> {
  const body = Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    if (end < 0) {
      return;
    }
    const [size = '', signature = ''] = body.subarray(at, end).toString('latin1').split(';chunk-signature=');
    const length = Number.parseInt(size, 16) || 0;
    yield { bytes: body.subarray(end + 2, end + 2 + length), signature };
    if (length === 0) {
      return;
    }
    at = end + 2 + length + 2;
  }
}

/** Whether the last chunk, which is empty, came: a body without it was cut off. */
export function isWhole(sent: Uint8Array): boolean {
  return [...chunksOf(sent)].at(-1)?.bytes.length === 0;
}

/** What a body is without the encoding, where it came in it. */
export function decodeChunked(headers: Record<string, string>, body: Buffer): Uint8Array {
  return headers['x-amz-content-sha256']?.startsWith('STREAMING-')
    ? Buffer.concat([...chunksOf(body)].map(({ bytes }) => bytes))
    : body;
}
