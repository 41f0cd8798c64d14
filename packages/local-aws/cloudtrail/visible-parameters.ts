import type { NormalizedSchema } from '@smithy/core/schema';

const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

export interface Spelling {
  readonly date: (time: Date) => string;
  /** Members that are left out, by the name of CloudTrail's spelling. */
  readonly without: readonly string[];
}

/**
 * A value in CloudTrail's spelling (first letters small): what the schema calls sensitive (a parameter's value, a
 * prompt's text) is hidden, bytes are left out.
 */
export function visible(schema: NormalizedSchema, value: unknown, spelling: Spelling): unknown {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (schema.getMergedTraits().sensitive) {
    return HIDDEN;
  }
  if (schema.isBlobSchema()) {
    return undefined;
  }
  if (schema.isListSchema()) {
    return (value as unknown[]).map((item) => visible(schema.getValueSchema(), item, spelling));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value).map(([key, item]) => [key, visible(schema.getValueSchema(), item, spelling)]);
    return Object.fromEntries(entries);
  }
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()].map(([name, member]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      visible(member, (value as Record<string, unknown>)[name], spelling),
    ]);
    return Object.fromEntries(
      members.filter(([name, item]) => item !== undefined && !spelling.without.includes(name as string)),
    );
  }
  return value instanceof Date ? spelling.date(value) : value;
}

export const isoDate = (time: Date) => time.toISOString();

/** `Dec 13, 2023, 7:14:20 AM`: how CloudTrail writes dates of the services that speak Query, AssumeRole's expiration. */
export const longDate = (time: Date) =>
  time.toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' }).replace(/\s/g, ' ');
