import { AwsRestXmlProtocol } from '@aws-sdk/core/protocols';
import type { AwsError } from '../aws-error';
import { escapeXml } from './escape-xml';
import type { WireRequest, WireResponse } from './message';
import type { OperationSchema } from './operation-schema';
import { s3Refusals } from './refusals';
import { RestProtocol } from './rest-protocol';
import type { Match } from './wire-protocol';

/** AWS restXml as S3 speaks it path-style: the bucket is the first segment, which the operations' templates leave out. */
export class S3Protocol extends RestProtocol {
  constructor() {
    const xmlNamespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
    const options = { defaultNamespace: 'com.amazonaws.s3', xmlNamespace, errorTypeRegistries: [] };
    super(new AwsRestXmlProtocol(options), writeError, s3Refusals);
  }

  override match(operations: Map<string, OperationSchema>, request: WireRequest): Match | undefined {
    const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(request.path) ?? [];
    const found = super.match(operations, { ...request, path: `/${key}` });
    return found && { ...found, labels: { ...found.labels, Bucket: decodeURIComponent(bucket) } };
  }
}

function writeError(error: AwsError, requestId: string): WireResponse {
  const detail = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId>`;
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error>${detail}</Error>`,
  };
}
