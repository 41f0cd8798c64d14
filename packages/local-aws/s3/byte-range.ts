import { AwsError } from '../aws-error';

interface Part {
  readonly from: number;
  readonly to: number;
  /** What the answer says of it; nothing where all of the object is meant. */
  readonly shown: { readonly ContentRange?: string; readonly ContentLength?: number };
}

/**
 * The part of an object that a `Range` header names. One range only, and what is no range is all of the object, as
 * RFC 9110 has it: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function byteRange(range: string | undefined, size: number): Part {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  const isBackwards = first !== '' && last !== '' && Number(last) < Number(first);
  if ((first === '' && last === '') || isBackwards) {
    return { from: 0, to: size, shown: {} };
  }
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (from >= size || (first === '' && Number(last) === 0)) {
    const members = { ActualObjectSize: size, RangeRequested: range };
    throw new AwsError('InvalidRange', 416, 'The requested range is not satisfiable', members);
  }
  return { from, to, shown: { ContentRange: `bytes ${from}-${to - 1}/${size}`, ContentLength: to - from } };
}
