import { AwsRestXmlProtocol } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../aws-error';
import { WrongShape } from './check-shape';
import { escapeXml } from './escape-xml';
import type { WireRequest, WireResponse } from './message';
import type { OperationSchema } from './operation-schema';
import { s3Refusals } from './refusals';
import { RestProtocol } from './rest-protocol';
import type { Match } from './wire-protocol';

/** A host that carries the bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
const BUCKET_HOST = /^(.+)\.(?:localhost|s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com)(?::\d+)?$/;

/**
 * AWS restXml as S3 speaks it: the operations' templates leave the bucket out, which is the first segment of the path
 * or, in virtual-hosted style, stands before the host.
 */
export class S3Protocol extends RestProtocol {
  constructor() {
    const xmlNamespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
    const options = { defaultNamespace: 'com.amazonaws.s3', xmlNamespace, errorTypeRegistries: [] };
    super(new AwsRestXmlProtocol(options), writeError, s3Refusals);
  }

  override match(operations: Map<string, OperationSchema>, request: WireRequest): Match | undefined {
    const { host = request.headers[':authority'] ?? '' } = request.headers;
    const inHost = BUCKET_HOST.exec(host)?.[1];
    const [, inPath = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(request.path) ?? [];
    const bucket = inHost ?? decodeURIComponent(inPath);
    const key = inHost === undefined ? rest : request.path.slice(1);
    const ofBuckets = [...operations].filter(([, schema]) => takesBucket(schema) === (bucket !== ''));
    const found = super.match(new Map(ofBuckets), { ...request, path: `/${key}` });
    return found && { ...found, labels: { ...found.labels, ...(bucket && { Bucket: bucket }) } };
  }

  override async write(schema: OperationSchema, output: object, requestId: string): Promise<WireResponse> {
    const response = await super.write(schema, output, requestId);
    return 'ContentRange' in output && output.ContentRange ? { ...response, status: 206 } : response;
  }

  protected override checkBody(input: NormalizedSchema, body: Uint8Array): void {
    const payload = [...input.structIterator()].find(([, member]) => member.getMergedTraits().httpPayload)?.[1];
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const root = /^\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*)*<(?:[\w-]+:)?([\w-]+)[\s/>]/s.exec(text)?.[1];
    const wanted = payload?.getMergedTraits().xmlName ?? payload?.getName();
    if (root !== wanted) {
      throw new WrongShape(`expected <${wanted}>, found ${root}`);
    }
  }
}

function takesBucket(schema: OperationSchema): boolean {
  const input = NormalizedSchema.of(schema[4] as never);
  return input.isStructSchema() && [...input.structIterator()].some(([name]) => name === 'Bucket');
}

function writeError(error: AwsError, requestId: string): WireResponse {
  const members = Object.entries(error.members).map(
    ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
  );
  const detail = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>${members.join('')}<RequestId>${requestId}</RequestId>`;
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error>${detail}</Error>`,
  };
}
