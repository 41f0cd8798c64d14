import { createHash } from 'node:crypto';

/** `AIDA…`: the same for the same user. */
export function userId(arn: string): string {
  return `AIDA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`;
}
