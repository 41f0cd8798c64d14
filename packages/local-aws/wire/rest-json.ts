import { AwsRestJsonProtocol } from '@aws-sdk/core/protocols';
import type { Refusals } from './refusals';
import { RestProtocol } from './rest-protocol';

/** AWS restJson1: Bedrock, Lambda. */
export function restJson(namespace: string, refusals: Refusals): RestProtocol {
  return new RestProtocol(
    new AwsRestJsonProtocol({ defaultNamespace: namespace, errorTypeRegistries: [] }),
    (error, id) => ({
      status: error.status,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': id, 'x-amzn-errortype': error.code },
      body: JSON.stringify({ message: error.message, ...error.members }),
    }),
    refusals,
  );
}
