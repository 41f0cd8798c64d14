import type { Attributes } from './attributes';

/** What CloudFormation accepts as a whole: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export const RESPONSE_LIMIT_BYTES = 4096;

/** An answer to CloudFormation. `Reason` is required with `FAILED`. */
export interface CustomResourceResponse {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly Data?: Attributes;
}

/** The body to send, below 4,096 bytes: the reason is cut where it must be. Undefined when the rest alone is too long. */
export function responseBody(response: CustomResourceResponse): string | undefined {
  const fits = (text: string) => Buffer.byteLength(text) < RESPONSE_LIMIT_BYTES;
  const whole = JSON.stringify(response);
  if (fits(whole)) return whole;
  const characters = [...(response.Reason ?? '')];
  const cutAt = (length: number) => JSON.stringify({ ...response, Reason: `${characters.slice(0, length).join('')}…` });
  if (!fits(cutAt(0))) return undefined;
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(cutAt(middle))) low = middle;
    else high = middle - 1;
  }
  return cutAt(low);
}
