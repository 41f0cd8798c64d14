import { randomUUID } from 'node:crypto';
import type { Stack } from './stack';

/**
 * What CloudFormation tells EventBridge of a stack's new status.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
 */
export function stackEvent({ id, status, statusReason, operation }: Stack, time: Date): object {
  const [, , , region, account] = id.split(':');
  return {
    ...{ version: '0', id: randomUUID(), 'detail-type': 'CloudFormation Stack Status Change' },
    ...{ source: 'aws.cloudformation', account, time: `${time.toISOString().slice(0, 19)}Z`, region, resources: [id] },
    detail: {
      'stack-id': id,
      'status-details': { status, 'status-reason': statusReason ?? '' },
      ...(operation?.token !== undefined && { 'client-request-token': operation.token }),
    },
  };
}
