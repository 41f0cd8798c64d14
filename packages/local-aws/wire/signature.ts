import { createHash, timingSafeEqual } from 'node:crypto';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsError } from '../aws-error';
import type { Credentials } from '../iam/principal';
import { chunksOf, isWhole } from './aws-chunked';
import type { WireRequest } from './message';
import type { Refusals } from './refusals';

/** What a request says of its signature, in its header or, presigned, in its query. */
export interface Signed {
  readonly accessKeyId: string;
  /** `20261122` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** `20261122T120000Z` */
  readonly date: string;
  readonly headers: readonly string[];
  readonly signature: string;
  readonly isPresigned: boolean;
  /** Seconds for which a presigned request is good. */
  readonly expires?: number;
}

const MINUTE = 60_000;
const EMPTY = createHash('sha256').update('').digest('hex');

export function signedPart({ headers, query }: WireRequest): Signed | undefined {
  const given = (name: string) =>
    query.get(`X-Amz-${name}`) ?? new RegExp(`${name}=([^,\\s]+)`).exec(headers.authorization ?? '')?.[1];
  const [, accessKeyId, day, region, service] =
    /^([^/]+)\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request$/.exec(given('Credential') ?? '') ?? [];
  if (!accessKeyId || !day || !region || !service) {
    return undefined;
  }
  const expires = query.get('X-Amz-Expires');
  return {
    ...{ accessKeyId, day, region, service, signature: given('Signature') ?? '' },
    date: query.get('X-Amz-Date') ?? headers['x-amz-date'] ?? '',
    headers: (given('SignedHeaders') ?? '').split(';'),
    isPresigned: query.has('X-Amz-Signature'),
    ...(expires !== null && { expires: Number(expires) }),
  };
}

/** The SDK's signer, asked for the signature of a request that came. */
class Recomputation extends SignatureV4 {
  constructor(
    private readonly signed: Signed,
    credentials: Credentials,
  ) {
    const { service, region } = signed;
    // S3 alone signs paths as they are: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    super({
      credentials,
      service,
      region,
      sha256: Hash.bind(null, 'sha256') as never,
      uriEscapePath: service !== 's3',
    });
  }

  async ofRequest({ method, path, query, headers }: WireRequest, payloadHash: string): Promise<string> {
    const bag: Record<string, string[]> = {};
    for (const [name, value] of query) {
      bag[name] = [...(bag[name] ?? []), value];
    }
    const values = this.signed.headers.map((name) => {
      const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined) ?? '';
      return [name, value.trim().replace(/\s+/g, ' ')] as const;
    });
    const request = { method, path, query: bag, headers: {}, protocol: 'http:', hostname: '' };
    const canonical = this.createCanonicalRequest(request, Object.fromEntries(values), payloadHash);
    const { day, region, service, date } = this.signed;
    const scope = `${day}/${region}/${service}/aws4_request`;
    return this.ofText(await this.createStringToSign(date, scope, canonical, 'AWS4-HMAC-SHA256'));
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
  ofChunk(before: string, bytes: Uint8Array): Promise<string> {
    const { day, region, service, date } = this.signed;
    const scope = `${day}/${region}/${service}/aws4_request`;
    return this.ofText(['AWS4-HMAC-SHA256-PAYLOAD', date, scope, before, EMPTY, sha256(bytes)].join('\n'));
  }

  private ofText(text: string): Promise<string> {
    return this.sign(text, { signingDate: dateOf(this.signed.date) });
  }
}

/** Throws where a request was not signed with these credentials, within the last minutes, as it came. */
export async function checkSignature(
  request: WireRequest,
  signed: Signed,
  credentials: Credentials,
  refusals: Refusals,
  now: Date,
  skew = (signed.service === 's3' ? 15 : 5) * MINUTE,
): Promise<void> {
  const token = request.headers['x-amz-security-token'] ?? request.query.get('X-Amz-Security-Token') ?? '';
  if (token !== (credentials.sessionToken ?? '')) {
    throw refusals.token();
  }
  checkTime(signed, refusals, now, skew);
  const isS3 = signed.service === 's3';
  const payload = isS3 ? s3PayloadHash(request, signed) : sha256(request.sent);
  // HTTP/2's name for it.
  if (!signed.headers.some((name) => name === 'host' || name === ':authority')) {
    throw refusals.mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const query = new URLSearchParams([...request.query].filter(([name]) => name !== 'X-Amz-Signature'));
  const recomputation = new Recomputation(signed, credentials);
  if (!isSame(await recomputation.ofRequest({ ...request, query }, payload), signed.signature)) {
    throw refusals.mismatch();
  }
  if (isS3 && payload.startsWith('STREAMING-') && !isWhole(request.sent)) {
    throw new AwsError('IncompleteBody', 400, 'The request body terminated unexpectedly');
  }
  if (isS3 && payload.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')) {
    await checkChunks(request.sent, signed, recomputation, refusals);
  }
}

/** What S3 puts for the payload's hash: as the request announced it. */
function s3PayloadHash({ headers, query, sent }: WireRequest, { expires }: Signed): string {
  const announced = headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? undefined;
  if (announced !== undefined && /^[0-9a-f]{64}$/.test(announced) && announced !== sha256(sent)) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new AwsError('XAmzContentSHA256Mismatch', 400, message);
  }
  if (announced === undefined && expires === undefined) {
    throw new AwsError('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256');
  }
  return announced ?? 'UNSIGNED-PAYLOAD';
}

/** Each chunk's signature continues that of the one before. */
async function checkChunks(
  sent: WireRequest['sent'],
  signed: Signed,
  recomputation: Recomputation,
  refusals: Refusals,
): Promise<void> {
  let before = signed.signature;
  for (const { bytes, signature } of chunksOf(sent)) {
    before = await recomputation.ofChunk(before, bytes);
    if (!isSame(before, signature)) {
      throw refusals.mismatch();
    }
  }
}

/** AWS's patience is five minutes, S3's fifteen: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
function checkTime({ date, day, expires }: Signed, refusals: Refusals, now: Date, skew: number): void {
  const time = dateOf(date).getTime();
  if (Number.isNaN(time) || !date.startsWith(day)) {
    throw refusals.mismatch(`Date in Credential scope does not match the date of the request: ${day}, '${date}'`);
  }
  const age = now.getTime() - time;
  // Seven days: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  if (expires !== undefined && !(Number.isInteger(expires) && expires >= 1 && expires <= 604_800)) {
    throw refusals.mismatch('X-Amz-Expires must be a whole number of seconds, from 1 to 604800');
  }
  if (expires !== undefined && age > expires * 1000) {
    throw refusals.presignedExpired();
  }
  if (age < -skew || (expires === undefined && age > skew)) {
    throw refusals.skewed(date, now, skew);
  }
}

function dateOf(date: string): Date {
  return new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
