import { EventStreamCodec } from '@smithy/core/event-streams';
import { NormalizedSchema } from '@smithy/core/schema';
import type { OperationSchema } from './operation-schema';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/** The member of an operation's output that is a stream of events; undefined where the output is none. */
export function eventStreamMember(schema: OperationSchema): string | undefined {
  const output = NormalizedSchema.of(schema[5] as never);
  return (output.isStructSchema() && output.getEventStreamMember()) || undefined;
}

/**
 * Events as they come over the wire: a frame each, with its lengths and checksums, all in one body.
 *
 * @param events each `{ nameOfTheEvent: itsMembers }`
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function eventFrames(events: readonly object[]): Uint8Array {
  const frames = events.flatMap((event) =>
    Object.entries(event).map(([name, members]) => {
      const headers = { ':message-type': 'event', ':event-type': name, ':content-type': 'application/json' };
      const typed = Object.entries(headers).map(([key, value]) => [key, { type: 'string', value }] as const);
      return codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(JSON.stringify(members)) });
    }),
  );
  return Buffer.concat(frames);
}
