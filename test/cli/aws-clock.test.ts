import { expect, it } from 'vitest';
import { awsNow, throughNow } from '../../cli/audit/aws-clock';
import type { AwsClients } from '../../cli/aws-clients';

const HERE = Date.parse('2026-12-01T10:00:00.000Z');
/** Clients after an answer that AWS gave at this millisecond, whose `Date` is cut to the second. */
function answered(millisecond: number, ahead: number): AwsClients {
  const systemClockOffset = Math.floor(millisecond / 1_000) * 1_000 - (millisecond + ahead);
  return { s3: { config: { systemClockOffset } }, cloudFormation: { config: {} } } as unknown as AwsClients;
}

it.each([0, 1, 500, 999])(
  'what happened until now is read, whichever part of a second the answer lost: %i ms',
  (lost) => {
    for (const ahead of [-7_200_000, 0, 7_200_000]) {
      const answer = HERE + lost;
      for (const later of [0, 1, 999, 5_000]) {
        const happened = answer + later;
        const now = awsNow(answered(answer, ahead), new Date(happened + ahead));
        expect(now.getTime()).toBeLessThanOrEqual(happened);
        expect(throughNow(now).getTime()).toBeGreaterThan(happened);
      }
    }
  },
);
