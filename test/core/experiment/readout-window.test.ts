import { expect, test } from 'vitest';
import { noWindow, readoutWindow } from '../../../core/experiment/readout-window';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FIRST = Date.parse('2026-11-20T08:12:34Z');

const PLANNED = [1_800, 7_200, 86_399, 86_400, 14 * 86_400];
const SPANS = [0, 40_000, 3 * MINUTE, 30 * MINUTE, 61 * MINUTE, 5 * 60 * MINUTE, DAY, 16 * DAY, 64 * DAY, 456 * DAY];

test.each(PLANNED)(
  'A readout of a plan of %i s waits only for a time to come at which there is something',
  (planned) => {
    for (const end of [undefined, ...SPANS]) {
      const ended = end === undefined ? undefined : new Date(FIRST + end);
      const times = { planned, first: new Date(FIRST), ended };
      for (const later of SPANS.flatMap((span) => [span, (end ?? 0) + span])) {
        const now = new Date(FIRST + later);
        if (readoutWindow(times, now)) continue;
        const { next, isCut } = noWindow(times, now);
        if (next === null) {
          // Nor will there be anything to read at any later time.
          expect(ended).toBeDefined();
          for (const span of SPANS) expect(readoutWindow(times, new Date(now.getTime() + span))).toBeUndefined();
        } else {
          expect(isCut).toBe(false);
          expect(next.getTime()).toBeGreaterThan(now.getTime());
          expect(readoutWindow(times, next)).toBeDefined();
        }
      }
    }
  },
);
