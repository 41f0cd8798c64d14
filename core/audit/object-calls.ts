import type { AuditedTrail } from './audit-rule';
import { type TrailEvent, text } from './trail-event';

/** S3's data events of the ledger's objects, with the object's key. */
export function objectCalls({ evidence, trail }: AuditedTrail): { key: string; event: TrailEvent }[] {
  return trail.events.flatMap((event) => {
    if (event.source !== 's3.amazonaws.com' || text(event.request.bucketName) !== evidence.bucket) return [];
    const key = text(event.request.key);
    return key === null ? [] : [{ key, event }];
  });
}

export function isWrite({ name, errorCode }: TrailEvent): boolean {
  return name === 'PutObject' && errorCode === null;
}
