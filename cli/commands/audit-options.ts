import type { CommandOption } from '../command';

/** Options of every audit. */
export const AUDIT_OPTIONS = {
  since: { type: 'string', value: 'SPAN', description: 'how far back: 30m, 12h, 30d, 8w, 2y, or a date' },
  'trail-bucket': {
    type: 'string',
    value: 'BUCKET',
    description:
      'where the trail delivers its files: NAME or s3://NAME/PREFIX; for what is older than 90 days, and for data events',
  },
} as const satisfies Record<string, CommandOption>;
