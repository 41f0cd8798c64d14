import type { CommandOption } from '../command';

/** Where Bedrock's model invocation logging writes to. */
export const INVOCATION_LOGS = {
  'invocation-logs': {
    type: 'string',
    value: 'GROUP',
    description: "group of CloudWatch Logs with Bedrock's invocation logs: what callers sent behind a released prompt",
  },
} as const satisfies Record<string, CommandOption>;

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
