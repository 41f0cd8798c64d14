import { AwsJson1_1Protocol } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { type AwsError, notImplemented } from '../aws-error';
import { checkShape, missingMembers } from './check-shape';
import type { WireRequest, WireResponse } from './message';
import { Mirror } from './mirror';
import type { OperationSchema } from './operation-schema';
import { readJson } from './read-json';
import { jsonRefusals } from './refusals';
import type { Match, WireProtocol } from './wire-protocol';

const contentType = { 'content-type': 'application/x-amz-json-1.1' };

/** AWS JSON 1.1, the operation in the `X-Amz-Target` header: SSM, CloudTrail. */
export class JsonRpc implements WireProtocol {
  readonly refusals = jsonRefusals;
  private readonly mirror: Mirror;

  constructor(namespace: string) {
    this.mirror = new Mirror(
      new AwsJson1_1Protocol({ defaultNamespace: namespace, serviceTarget: namespace, errorTypeRegistries: [] }),
    );
  }

  match(operations: Map<string, OperationSchema>, request: WireRequest): Match | undefined {
    const schema = operations.get(request.headers['x-amz-target']?.split('.').pop() ?? '');
    return schema && request.method === 'POST' && isJson(request.headers) ? { schema, labels: {} } : undefined;
  }

  unmatched(service: string, { method, headers }: WireRequest): AwsError {
    const name = headers['x-amz-target']?.split('.').pop();
    return name && method === 'POST' && isJson(headers)
      ? notImplemented(`${service} ${name}`)
      : this.refusals.unnamed();
  }

  async read({ schema }: Match, request: WireRequest) {
    let input: Record<string, unknown>;
    try {
      checkShape(NormalizedSchema.of(schema[4] as never), readJson(request.body));
      input = await this.mirror.readInput(schema, request.headers, request.body);
    } catch (error) {
      throw this.refusals.malformed((error as Error).message, 'body');
    }
    const missing = missingMembers(schema[4], input);
    if (missing.length > 0 && this.refusals.missing) {
      throw this.refusals.missing(missing);
    }
    return input;
  }

  async write(schema: OperationSchema, output: object, requestId: string): Promise<WireResponse> {
    const { body } = await this.mirror.writeOutput(schema, output);
    return { status: 200, headers: { ...contentType, 'x-amzn-requestid': requestId }, body };
  }

  writeError(error: AwsError, requestId: string): WireResponse {
    return {
      status: error.status,
      headers: { ...contentType, 'x-amzn-requestid': requestId },
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
    };
  }
}

/** Under another content type the operation is not looked for. */
function isJson(headers: Record<string, string>): boolean {
  return /^application\/x-amz-json-1\.[01](;|$)/i.test(headers['content-type'] ?? '');
}
