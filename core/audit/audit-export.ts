import { createHash } from 'node:crypto';
import type { AuditEvidence } from './evidence';
import { lastPart } from './trail-event';

/**
 * What an audit of the ledger rests on, as files to keep: for a verifier that needs neither AWS nor this package
 * (tools/verify-offline.mjs and what it imports). Lines of JSON, so that what a file holds can be read and compared with any tool.
 *
 * @returns content by file name
 */
export function auditExport(evidence: AuditEvidence): Record<string, string> {
  const { now, bucket, publisher, releaser, trail } = evidence;
  const files = {
    'objects.jsonl': lines([...evidence.objects].sort((a, b) => (a.key < b.key ? -1 : 1))),
    'events.jsonl': lines(trail?.events ?? []),
    'renderings.jsonl': lines(trail?.renderings?.renderings ?? []),
  };
  const sha256 = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]),
  );
  const rendered = trail?.renderings ? { rendered: trail.renderings.first } : {};
  const events = trail ? { from: trail.from, to: trail.to, withDataEvents: trail.withDataEvents, ...rendered } : null;
  const trails = evidence.trails && { trails: evidence.trails.map(lastPart) };
  const about = { schema: 1, bucket, time: now, publisher, releaser, events, ...trails, sha256 };
  return { 'about.json': `${JSON.stringify(about, undefined, 2)}\n`, ...files };
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
