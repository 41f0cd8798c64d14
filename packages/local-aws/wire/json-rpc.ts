import { AwsJson1_1Protocol } from '@aws-sdk/core/protocols';
import type { AwsError } from '../aws-error';
import type { WireRequest, WireResponse } from './message';
import { Mirror } from './mirror';
import type { OperationSchema } from './operation-schema';
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
    return schema && { schema, labels: {} };
  }

  read({ schema }: Match, request: WireRequest) {
    return this.mirror.readInput(schema, request.headers, request.body);
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
