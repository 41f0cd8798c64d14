import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same, in a time that does not depend on where they differ. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(secretHash(one), secretHash(other));
}

export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
