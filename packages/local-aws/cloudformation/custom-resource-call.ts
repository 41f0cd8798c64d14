import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { notImplemented } from '../aws-error';
import type { Delivery } from './adversary';
import type { ProviderContext } from './providers/provider';
import type { ResponseDesk } from './response-desk';
import type { Properties } from './stack-target';
import { withTextLeaves } from './text-leaves';

export interface CustomResourceRequest {
  readonly requestType: 'Create' | 'Update' | 'Delete';
  readonly stackId: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly oldProperties?: Properties;
  readonly physicalId?: string;
  /** When the operation gives up on this call. The handler is not told and runs on. */
  readonly signal: AbortSignal;
  readonly deliveries: readonly Delivery[];
  readonly moment: (delivery: Delivery) => Promise<void>;
}

export interface CustomResourceAnswer {
  readonly physicalId: string;
  readonly attributes: Properties;
}

/** The handler's own failure; it may name the resource that it left behind. */
export class CustomResourceFailure extends Error {
  constructor(
    message: string,
    readonly physicalId?: string,
  ) {
    super(message);
  }
}

const maxResponseBytes = 4096;

/**
 * Sends a custom resource its event and waits for the answer; throws CustomResourceFailure.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export async function callCustomResource(
  request: CustomResourceRequest,
  desk: ResponseDesk,
  context: ProviderContext,
): Promise<CustomResourceAnswer> {
  const { ServiceToken, ServiceTimeout } = request.properties;
  if (typeof ServiceToken !== 'string' || !ServiceToken.includes(':lambda:')) {
    throw notImplemented(`custom resources behind ${String(ServiceToken)}`);
  }
  const { url, answer, close } = desk.open();
  const event = {
    RequestType: request.requestType,
    ServiceToken,
    ResponseURL: url,
    StackId: request.stackId,
    RequestId: randomUUID(),
    LogicalResourceId: request.logicalId,
    ResourceType: request.type,
    PhysicalResourceId: request.physicalId,
    // Custom resources get numbers and booleans as text.
    ResourceProperties: withTextLeaves(request.properties),
    OldResourceProperties: request.oldProperties && withTextLeaves(request.oldProperties),
  };
  const invoke = async () => {
    const Payload = Buffer.from(JSON.stringify(event));
    await context
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: ServiceToken, InvocationType: 'Event', Payload }));
  };
  const refused = new Promise<never>((_, reject) => {
    for (const [index, delivery] of request.deliveries.entries()) {
      desk.deliveries.begin();
      const sent = delivery === 'now' ? invoke() : request.moment(delivery).then(invoke);
      sent.catch(() => {}).finally(() => desk.deliveries.end());
      sent.catch((error: Error) => index === 0 && reject(new CustomResourceFailure(error.message)));
    }
  });
  const seconds = Number(ServiceTimeout ?? 3600);
  let timer: NodeJS.Timeout | undefined;
  let cancelled = () => {};
  const gaveUp = new Promise<never>((_, reject) => {
    const give = (why: string) => reject(new CustomResourceFailure(why));
    timer = setTimeout(
      () =>
        give(
          'CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [' +
            event.RequestId +
            ']. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.',
        ),
      seconds * 1000,
    );
    cancelled = () =>
      give(`Resource ${{ Create: 'creation', Update: 'update', Delete: 'deletion' }[request.requestType]} cancelled`);
    request.signal.addEventListener('abort', cancelled, { once: true });
    if (request.signal.aborted) {
      cancelled();
    }
  });
  try {
    return readResponse(await Promise.race([answer, refused, gaveUp]), event);
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener('abort', cancelled);
    close();
  }
}

interface Event {
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

function readResponse(body: Uint8Array, event: Event): CustomResourceAnswer {
  if (body.byteLength > maxResponseBytes) {
    throw new CustomResourceFailure('Response object is too long.');
  }
  let response: Record<string, unknown>;
  try {
    response = JSON.parse(Buffer.from(body).toString());
  } catch {
    throw new CustomResourceFailure(
      `Invalid Response object: Value of property must be a valid JSON object (RequestId: ${event.RequestId})`,
    );
  }
  for (const name of ['StackId', 'RequestId', 'LogicalResourceId'] as const) {
    if (response[name] !== event[name]) {
      throw new CustomResourceFailure(`Vendor response's ${name} is not the request's (RequestId: ${event.RequestId})`);
    }
  }
  const { Status, Reason, PhysicalResourceId, Data = {} } = response;
  const physicalId =
    typeof PhysicalResourceId === 'string' && PhysicalResourceId !== '' ? PhysicalResourceId : undefined;
  if (Status === 'FAILED' && Reason) {
    const message = `Received response status [FAILED] from custom resource. Message returned: ${Reason} (RequestId: ${event.RequestId})`;
    throw new CustomResourceFailure(message, physicalId);
  }
  if (Status !== 'SUCCESS') {
    throw new CustomResourceFailure(
      `Vendor response doesn't contain ${Status === 'FAILED' ? 'Reason' : 'Status'} key (RequestId: ${event.RequestId})`,
    );
  }
  if (!physicalId || Buffer.byteLength(physicalId) > 1024) {
    throw new CustomResourceFailure('Invalid PhysicalResourceId');
  }
  return { physicalId, attributes: Data as Properties };
}
